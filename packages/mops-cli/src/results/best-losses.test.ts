import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeParquet } from '@modelops/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestLosses, bestWeighted } from './best-losses.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-best-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Row = readonly [
  set: string,
  target: string,
  loss: number | null,
  spread?: readonly [mean: number, error: number] | undefined,
  replicates?: number,
];
let written = 0;

async function file(job: string, rows: readonly Row[], model = 'sha256:m'): Promise<string> {
  const path = join(root, `${written++}.parquet`);
  const text = (name: string, values: readonly string[]) => ({ name, type: 'utf8' as const, values });
  const same = (name: string, value: string) =>
    text(
      name,
      rows.map(() => value),
    );
  const columns = [
    same('job_id', job),
    text(
      'param_id',
      rows.map(([set]) => set),
    ),
    { name: 'param_beta', type: 'float64' as const, values: rows.map(([set]) => set.length) },
    text(
      'target',
      rows.map(([, target]) => target),
    ),
    { name: 'loss', type: 'float64' as const, values: rows.map(([, , loss]) => loss) },
    { name: 'n_replicates', type: 'int32' as const, values: rows.map(([, , , , replicates]) => replicates ?? 5) },
    { name: 'replicate_mean', type: 'float64' as const, isNullable: true, values: rows.map(([, , , spread]) => spread?.[0] ?? null) },
    { name: 'standard_error', type: 'float64' as const, isNullable: true, values: rows.map(([, , , spread]) => spread?.[1] ?? null) },
    { name: 'computed_at', type: 'timestamp' as const, values: rows.map(() => 0) },
    same('model_digest', model),
    same('entrypoint', 'models.m.M/baseline'),
    same('scenario', 'baseline'),
  ];
  await writeFile(path, writeParquet(columns));
  return path;
}

const someRows = fc.array(
  fc.record({
    job: fc.constantFrom('job-1', 'job-2', 'job-3'),
    set: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    target: fc.constantFrom('fit', 'other'),
    loss: fc.option(fc.constantFrom(-1, 0, 0.1, 0.1 + 0.2, 7)),
    model: fc.constantFrom('m1', 'm2'),
  }),
  { maxLength: 40 },
);
type SomeRow = { job: string; set: string; target: string; loss: number | null; model: string };

/** By the definition: all rows, each set of a model once with its lowest loss, sorted. */
function plainBest(rows: readonly SomeRow[], n: number): { best: string[]; more: Record<string, number> } {
  const best: string[] = [];
  const more: Record<string, number> = {};
  for (const target of ['fit', 'other']) {
    const byRank = (a: SomeRow, b: SomeRow) =>
      a.loss! - b.loss! || (a.set < b.set ? -1 : a.set > b.set ? 1 : 0) || (a.job + a.model < b.job + b.model ? -1 : 1);
    const own = rows
      .filter((row) => row.target === target && row.loss !== null)
      .sort((a, b) => a.loss! - b.loss! || (a.job < b.job ? -1 : 1));
    const once = own.filter((row, at) => own.findIndex(({ set, model }) => set === row.set && model === row.model) === at).sort(byRank);
    const listed = once.slice(0, n);
    best.push(
      ...listed.map(({ job, set, model, loss }) =>
        [target, set, model, job, loss, 1 + once.findIndex((one) => one.loss === loss)].join(' '),
      ),
    );
    const ties =
      once.filter(({ loss }) => loss === listed.at(-1)?.loss).length - listed.filter(({ loss }) => loss === listed.at(-1)?.loss).length;
    if (ties > 0) more[target] = ties;
  }
  return { best, more };
}

it(
  'the best losses are those of all rows sorted, however many rows are of one set or tie',
  () =>
    fc.assert(
      fc.asyncProperty(someRows, fc.integer({ min: 1, max: 6 }), async (rows, nBest) => {
        const files: string[] = [];
        for (const job of ['job-1', 'job-2', 'job-3'])
          for (const model of ['m1', 'm2']) {
            const own = rows.filter((row) => row.job === job && row.model === model);
            if (own.length > 0)
              files.push(
                await file(
                  job,
                  own.map(({ set, target, loss }) => [set, target, loss]),
                  model,
                ),
              );
          }
        const { best, more_ties } = await bestLosses(files, { nBest });
        const shown = best.map((row) => [row.target, row.param_id, row.model_digest, row.job_id, row.loss, row.rank].join(' '));
        const expected = plainBest(rows, nBest);
        expect(shown).toEqual(expected.best);
        expect(more_ties).toEqual(expected.more);
      }),
      { numRuns: 40 },
    ),
  60_000,
);

describe('the best losses', () => {
  it('are ranked per target, with equal ranks for ties, and unlisted ties are counted', async () => {
    const files = [
      await file('job-1', [
        ['a', 'fit', 1],
        ['b', 'fit', 0.1 + 0.2],
        ['c', 'fit', 1],
        ['d', 'fit', 1],
        ['e', 'fit', null],
        ['a', 'other', 7],
      ]),
      await file('job-2', [
        ['a', 'fit', 1],
        ['f', 'fit', 2],
      ]),
      await file('job-3', [['a', 'fit', 5]], 'sha256:another'),
    ];
    const { best, more_ties } = await bestLosses(files, { nBest: 3 });
    expect(best.map(({ target, rank, param_id, job_id }) => [target, rank, param_id, job_id])).toEqual([
      ['fit', 1, 'b', 'job-1'],
      ['fit', 2, 'a', 'job-1'],
      ['fit', 2, 'c', 'job-1'],
      ['other', 1, 'a', 'job-1'],
    ]);
    expect(more_ties).toEqual({ fit: 1 });
    expect((await bestLosses(files, { nBest: 9, target: 'fit' })).best.map(({ rank }) => rank)).toEqual([1, 2, 2, 2, 5, 6]);
    expect(await bestLosses([], { nBest: 3 })).toEqual({ best: [], more_ties: {} });
  });

  it('list a set once even if the file of an older job repeats it', async () => {
    const files = [
      await file('job-1', [
        ['a', 'fit', 1],
        ['a', 'fit', 1],
        ['b', 'fit', 2],
      ]),
    ];
    const setsOf = async (nBest: number) => (await bestLosses(files, { nBest })).best.map(({ param_id }) => param_id);
    expect(await setsOf(2)).toEqual(['a', 'b']);
    expect(await setsOf(5_000_000)).toEqual(['a', 'b']);
  });

  it('have the requested number of sets even if the lowest rows repeat a few sets', async () => {
    const shared: Row[] = [
      ['a', 'fit', 1],
      ['b', 'fit', 2],
      ['c', 'rare', 3],
    ];
    const files = await Promise.all(Array.from({ length: 20 }, (_, job) => file(`job-${10 + job}`, shared)));
    files.push(
      await file('job-9', [
        ['d', 'fit', 4],
        ['e', 'fit', 5],
        ['f', 'fit', 5],
        ['g', 'fit', 6],
      ]),
    );
    const { best, more_ties } = await bestLosses(files, { nBest: 4 });
    expect(best.map(({ target, rank, param_id, job_id }) => [target, rank, param_id, job_id])).toEqual([
      ['fit', 1, 'a', 'job-10'],
      ['fit', 2, 'b', 'job-10'],
      ['fit', 3, 'd', 'job-9'],
      ['fit', 4, 'e', 'job-9'],
      ['rare', 1, 'c', 'job-10'],
    ]);
    expect(more_ties).toEqual({ fit: 1 });
  });

  it('are none of a target whose evaluations all failed, and an error for a target that was not evaluated', async () => {
    const files = [
      await file('job-1', [
        ['a', 'fit', 1],
        ['a', 'broken', null],
      ]),
    ];
    expect((await bestLosses(files, { target: 'broken', nBest: 1 })).best).toEqual([]);
    const unknown = { code: 'RESULT_NOT_FOUND', message: 'no losses of target fti', hint: 'targets: broken, fit' };
    await expect(bestLosses(files, { target: 'fti', nBest: 1 })).rejects.toMatchObject(unknown);
    await expect(bestWeighted(files, { fit: 1, fti: 1 }, 1)).rejects.toMatchObject(unknown);
  });

  it('of a weighted sum include only sets with a loss for every target', async () => {
    const files = [
      await file('job-1', [
        ['a', 'fit', 1],
        ['a', "o'ther", 4],
        ['b', 'fit', 3],
        ['b', "o'ther", 3],
        ['c', 'fit', 0],
        ['d', 'fit', 0],
        ['d', "o'ther", null],
      ]),
      await file('job-2', [
        ['e', 'fit', 2],
        ['e', "o'ther", 3.5],
      ]),
    ];
    const { best, more_ties, missing } = await bestWeighted(files, { fit: 1, "o'ther": 2 }, 2);
    expect(best).toMatchObject([
      { rank: 1, param_id: 'a', job_id: 'job-1', loss: 9, targets: { fit: { loss: 1 }, "o'ther": { loss: 4 } }, params: { beta: 1 } },
      { rank: 1, param_id: 'b', job_id: 'job-1', loss: 9, targets: { fit: { loss: 3 }, "o'ther": { loss: 3 } } },
    ]);
    expect(more_ties).toBe(1);
    expect(missing).toEqual({ "o'ther": 2 });
    await expect(bestWeighted(files, { nothing: 1 }, 2)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND', hint: "targets: fit, o'ther" });
  });

  it('of a weighted sum have its replicate mean and the largest standard error that it can have', async () => {
    const files = [
      await file('job-1', [
        ['a', 'fit', 1, [1.5, 0.25], 4],
        ['a', 'other', 4, [4, 0.5], 3],
        ['b', 'fit', 3, [3.5, 0.25]],
        ['b', 'other', 6],
      ]),
    ];
    const [a, b] = (await bestWeighted(files, { fit: 2, other: 3 }, 2)).best;
    expect(a).toMatchObject({ loss: 14, replicate_mean: 15, standard_error_bound: 2, n_replicates: 3 });
    expect(a!.targets).toEqual({
      fit: { loss: 1, replicate_mean: 1.5, standard_error: 0.25, n_replicates: 4 },
      other: { loss: 4, replicate_mean: 4, standard_error: 0.5, n_replicates: 3 },
    });
    expect(b).toMatchObject({ loss: 24, replicate_mean: null, standard_error_bound: null, n_replicates: 5 });
    const unweighted = (await bestWeighted(files, { fit: 2, other: 0 }, 2)).best;
    expect(unweighted.map(({ replicate_mean, standard_error_bound }) => [replicate_mean, standard_error_bound])).toEqual([
      [3, 0.5],
      [7, 0.5],
    ]);
  });
});
