import { expect, it } from 'vitest';
import { createWorld, type MadeJob } from '../results/testing/world.ts';
import { buildLossTable } from './loss-table.ts';

type Losses = readonly (number | undefined)[];

async function tableOf(...jobs: readonly (readonly [fit: Losses, other?: Losses | undefined, made?: Partial<MadeJob>])[]) {
  const world = createWorld();
  const made = [];
  for (const [fit, other, more] of jobs) {
    const job = await world.register({ sets: fit.map((_, at) => ({ beta: at })), targets: ['fit'], ...more });
    const losses = Object.entries({ fit, ...(other === undefined ? {} : { other }) }).map(([target, values]) => {
      const sets = values.flatMap((loss, set) =>
        loss === undefined ? [] : [[job.tasks.paramsAt(set).param_id, { loss, replicates: 2 }] as const],
      );
      return [target, new Map(sets)] as const;
    });
    made.push({ job, losses: new Map(losses) });
  }
  const { table, rowsOf, origins } = buildLossTable(made, new Map());
  expect(origins.length).toBe(table.paramIds.length);
  return { rows: rowsOf.map((rows) => [...rows]), losses: table.targets.map(({ losses }) => [...losses]) };
}

it('a set of several jobs is one row with the losses that any of them has', async () => {
  expect(
    await tableOf(
      [[1, undefined, 3]],
      [
        [1, 2],
        [7, 8],
      ],
    ),
  ).toEqual({
    rows: [
      [0, 1, 2],
      [0, 1],
    ],
    losses: [
      [1, 2, 3],
      [7, 8, Number.NaN],
    ],
  });
});

it('a set has a row for each job whose loss differs: of another target or other replicates', async () => {
  expect(await tableOf([[1, 2]], [[1, 5]], [[9, 5]])).toEqual({
    rows: [
      [0, 1],
      [0, 2],
      [3, 2],
    ],
    losses: [[1, 2, 5, 9]],
  });
});

it('a set of another scenario is another row', async () => {
  expect((await tableOf([[1]], [[1], undefined, { scenario: 'lockdown' }])).rows).toEqual([[0], [1]]);
});
