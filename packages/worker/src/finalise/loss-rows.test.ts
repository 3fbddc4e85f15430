import { readParquet, writeParquet } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import { makeJob } from '../testing/made-jobs.ts';
import { lossColumns, lossParameters, lossRows } from './loss-rows.ts';
import type { VerifiedAggregation } from './verify-outputs.ts';

const job = makeJob({ sets: 4, replicates: 3, targets: ['fit'] });
const computed_at = '2026-01-01T00:00:00.000Z';
const spread = { replicate_mean: 1.5, standard_error: 0.25 };
const none = { bySet: new Map(), byCause: [], pointsByCause: [] };

/** A set's aggregation in the store, from two of its replicates. */
const aggregation = (set: number, loss: number | null, job_id: string, reason: string | null = null) => {
  const row = { loss, n_replicates: 2, ...spread, computed_at, job_id, reason };
  return { set, target: 'fit', row };
};

const verified = (aggregations: readonly VerifiedAggregation[]) => Object.assign([...aggregations], { rowAt: () => undefined });

describe('the loss of a parameter set', () => {
  const rowsOf = (aggregations: readonly VerifiedAggregation[], existing: readonly number[], failures = none) => {
    return lossRows(job, { aggregations: verified(aggregations), existingIn: Int32Array.from(existing) }, failures);
  };

  it('is the loss of its aggregation, with its number of replicates, and a cache hit if another job made it', () => {
    const common = { target: 'fit', n_replicates: 2, n_failed: 0, ...spread, computed_at: Date.parse(computed_at) };
    expect(
      rowsOf([aggregation(0, 0, job.id), aggregation(1, 1, 'job-other'), aggregation(2, null, job.id, 'Error: no')], [3, 3, 3, 3]),
    ).toEqual([
      { ...common, set: 0, loss: 0, cache_hit: false, reason: null },
      { ...common, set: 1, loss: 1, cache_hit: true, reason: null },
      { ...common, set: 2, loss: null, cache_hit: false, reason: 'Error: no' },
    ]);
  });

  it('is null without an aggregation, with the reason', () => {
    const failures = { ...none, bySet: new Map([[job.tasks.paramsAt(2).param_id as string, { count: 1, sample: 'Error: x' }]]) };
    const rows = rowsOf(
      [0, 1, 2].map((set) => ({ set, target: 'fit', row: undefined })),
      [3, 1, 2, 3],
      failures,
    );
    const common = { target: 'fit', loss: null, replicate_mean: null, standard_error: null, computed_at: null, cache_hit: false };
    expect(rows).toEqual([
      { ...common, set: 0, n_replicates: 3, n_failed: 0, reason: 'not aggregated' },
      { ...common, set: 1, n_replicates: 1, n_failed: 0, reason: '2 of 3 replicates missing' },
      { ...common, set: 2, n_replicates: 2, n_failed: 1, reason: '1 of 3 replicates missing: Error: x' },
    ]);
  });
});

it('the id of a set is on each of its rows, in row groups that begin and end within a set', () => {
  const of = makeJob({ sets: 4, replicates: 1, targets: ['deaths', 'fit', 'size'] });
  const aggregations = verified(
    [0, 1, 2, 3].flatMap((set) => ['deaths', 'fit', 'size'].map((target) => ({ ...aggregation(set, set, of.id), target }))),
  );
  for (const range of [
    [0, 12],
    [1, 2],
    [2, 8],
    [4, 12],
    [5, 5],
  ] as const) {
    const rows = lossRows(of, { aggregations, existingIn: Int32Array.of(1, 1, 1, 1) }, none, range);
    const columns = lossColumns(of, lossParameters(of), rows);
    expect(columns.find(({ name }) => name === 'param_id')).toMatchObject({ type: 'coded' });
    const table = readParquet(writeParquet(columns));
    expect(table.list('param_id')).toEqual(rows.map(({ set }) => of.tasks.paramsAt(set).param_id));
  }
});

describe('the parameters of losses', () => {
  const typesOf = (of: typeof job, rows: Parameters<typeof lossColumns>[2]) =>
    lossColumns(of, lossParameters(of), rows)
      .filter(({ name }) => name.startsWith('param_'))
      .map(({ name, type }) => [name, type]);
  const declared = [
    { name: 'y', type: 'text' },
    { name: 'x', type: 'int' },
    { name: 'z', type: 'float' },
    { name: 'b', type: 'bool' },
  ] as const;

  it('are columns in declared order and of their own types, also without a row', () => {
    const of = { ...job, spec: { ...job.spec, binding: { ...job.spec.binding, parameters: [...declared] } } };
    const expected = [
      ['param_id', 'utf8'],
      ['param_y', 'utf8'],
      ['param_x', 'int32'],
      ['param_z', 'float64'],
      ['param_b', 'bool'],
    ];
    expect(typesOf(of, [])).toEqual(expected);
    const rows = lossRows(of, { aggregations: verified([aggregation(0, 1, 'job-1')]), existingIn: Int32Array.of(3, 3, 3, 3) }, none);
    expect(typesOf(of, rows)).toEqual(expected);
  });

  it('are those of the parameter sets where an older spec declares none', () => {
    expect(typesOf(job, [])).toEqual([
      ['param_id', 'utf8'],
      ['param_x', 'float64'],
    ]);
  });
});
