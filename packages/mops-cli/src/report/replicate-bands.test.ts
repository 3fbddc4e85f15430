import type { Comparison } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { createWorld, type WrittenPack } from '../results/testing/world.ts';
import { replicateBands } from './replicate-bands.ts';

type Columns = ReturnType<NonNullable<WrittenPack['table']>>;

/** The bands of a job of two sets × three replicates, whose losses are 2 and 1. */
async function bandsOf(table: (task: number) => Columns, observed?: Record<string, ArrayLike<unknown>>, comparison?: Comparison) {
  const world = createWorld();
  const job = await world.register({ sets: [{ beta: 0.1 }, { beta: 0.2 }], replicates: 3, targets: ['prevalence'] });
  await world.compute(job, [0, 1, 2, 3, 4, 5], { table });
  const target = { name: 'prevalence', losses: Float64Array.of(2, 1), replicates: Int32Array.of(3, 3) };
  const origins = [0, 1].map((set) => ({ job, set }));
  return replicateBands(target, origins, [{ output: 'prevalence', comparison, observed }], world.stores.provenance);
}

const series = (task: number): Columns => [
  { name: 'day', values: Int32Array.of(0, 1) },
  { name: 'infected', values: Float64Array.of(task, 10 * task) },
];

describe('the bands of replicates', () => {
  it('are quantiles at each x, best set first, with the observed points', async () => {
    const [found] = await bandsOf(series, { day: [0, 1, 7], infected: [4.5, 40, 9], source: ['a', 'b', 'c'] });
    expect(found).toMatchObject({ xName: 'day', yName: 'infected', output: 'prevalence', observed: { x: [0, 1, 7], y: [4.5, 40, 9] } });
    expect(found!.sets.map(({ loss, replicates, x, q50 }) => ({ loss, replicates, x, q50 }))).toEqual([
      { loss: 1, replicates: 3, x: [0, 1], q50: [4, 40] },
      { loss: 2, replicates: 3, x: [0, 1], q50: [1, 10] },
    ]);
    const [{ q05, q25, q75, q95 }] = found!.sets as [(typeof found & object)['sets'][number]];
    expect([q05[0], q25[0], q75[0], q95[0]].map((value) => value!.toFixed(2))).toEqual(['3.10', '3.50', '4.50', '4.90']);
  });

  it('use the remaining column of the observed data if it has another name', async () => {
    expect((await bandsOf(series, { day: [0], cases: [3] }))[0]!.observed).toEqual({ x: [0], y: [3] });
    expect((await bandsOf(series))[0]!.observed).toBeUndefined();
  });

  it('are those of a single value where the target joins nothing, with the observed value', async () => {
    const comparison = { output: 'prevalence', join: [], value: 'peak', observed_value: 'cases', data: null };
    const peak = (task: number): Columns => [{ name: 'peak', values: Float64Array.of(10 * task) }];
    const [found, ...more] = await bandsOf(peak, { cases: [35] }, comparison);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ isSingle: true, yName: 'peak', observed: { x: [0], y: [35] } });
    expect(found!.sets.map(({ loss, replicates, x, q50 }) => ({ loss, replicates, x, q50 }))).toEqual([
      { loss: 1, replicates: 3, x: [0], q50: [40] },
      { loss: 2, replicates: 3, x: [0], q50: [10] },
    ]);
    expect((await bandsOf(peak, undefined, comparison))[0]!.observed).toBeUndefined();
    expect(await bandsOf(series, undefined, comparison)).toEqual([]);
  });

  it.each([
    ['2026-03-01', '2026-03-08'],
    ['2026-03', '2026-04'],
    ['2026-03-01 06:00', '2026-03-01T18:00Z'],
  ])('have dates in text along x: %s', async (first, second) => {
    const weekly = (task: number): Columns => [
      { name: 'date', values: [first, second] },
      { name: 'infected', values: Float64Array.of(task, 10 * task) },
    ];
    const comparison = { output: 'prevalence', join: ['date'], value: 'infected', observed_value: 'cases', data: null };
    const [utcFirst, utcSecond] = [first, second].map((text) =>
      Date.parse(/[Z]$|^\d{4}-\d\d(-\d\d)?$/.test(text) ? text : `${text.replace(' ', 'T')}Z`),
    ) as [number, number];
    for (const compares of [comparison, undefined]) {
      const [found] = await bandsOf(weekly, { date: [second, first], cases: [30, 3] }, compares);
      expect(found).toMatchObject({ xName: 'date', hasDates: true, observed: { x: [utcSecond, utcFirst], y: [30, 3] } });
      expect(found!.sets[0]).toMatchObject({ x: [utcFirst, utcSecond], q50: [4, 40] });
    }
  });

  it('are not drawn for a scalar whose target names no columns, nor for groups with the same x', async () => {
    expect(await bandsOf((task) => [{ name: 'peak', values: Float64Array.of(task) }])).toEqual([]);
    const grouped = (task: number): Columns => [
      { name: 'day', values: Int32Array.of(0, 0) },
      { name: 'infected', values: Float64Array.of(task, task) },
    ];
    expect(await bandsOf(grouped)).toEqual([]);
  });

  it('are those of each group of observations, of the best set, with the columns that the target compares', async () => {
    const regions = (task: number): Columns => [
      { name: 'region', values: ['n', 's', 'n', 's'] },
      { name: 'other', values: Float64Array.of(9, 9, 9, 9) },
      { name: 'day', values: Int32Array.of(0, 0, 1, 1) },
      { name: 'infected', values: Float64Array.of(task, 10 * task, 100 * task, 1000 * task) },
    ];
    const comparison = { output: 'prevalence', join: ['day', 'region'], value: 'infected', observed_value: 'cases', data: null };
    const observed = { region: ['s', 'n', 's'], day: [0, 1, 1], cases: [30, 300, null] };
    const found = await bandsOf(regions, observed as never, comparison);
    expect(found.map(({ group, groups, observed: points, sets }) => [group, groups, points, sets.map(({ q50 }) => q50)])).toEqual([
      ['region s', 2, { x: [0], y: [30] }, [[40, 4000]]],
      ['region n', 2, { x: [1], y: [300] }, [[4, 400]]],
    ]);
  });

  it('are shares where counts have trials', async () => {
    const tested = (): Columns => [
      { name: 'day', values: Int32Array.of(0, 1) },
      { name: 'infected', values: Float64Array.of(1, 2) },
      { name: 'tested', values: Float64Array.of(4, 4) },
    ];
    const names = { output: 'prevalence', join: ['day'], value: 'infected', observed_value: 'cases', data: null };
    const comparison = { ...names, trials: 'tested', observed_trials: 10 };
    const [found] = await bandsOf(tested, { day: [0, 1], cases: [1, 2] }, comparison);
    expect([found!.yName, found!.observed, found!.sets[0]!.q50]).toEqual(['share infected', { x: [0, 1], y: [0.1, 0.2] }, [0.25, 0.5]]);
  });
});
