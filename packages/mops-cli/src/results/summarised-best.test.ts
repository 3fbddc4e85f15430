import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobId, keys } from '@modelops/contracts';
import { createMemoryObjectStore } from '@modelops/store';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bestLosses } from './best-losses.ts';
import { summarisedBest } from './summarised-best.ts';
import { createWorld } from './testing/world.ts';

const TARGETS = ['fit', "o'ther"] as const;
const SETS = 26;
type Losses = Readonly<Record<(typeof TARGETS)[number], readonly (number | null)[]>>;
interface Made {
  readonly scenario: string;
  /** Its first set: jobs share sets. */
  readonly first: number;
  readonly losses: Losses;
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-summarised-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A store with jobs that have these losses, and their `losses.parquet` in a folder. */
async function indexed(made: readonly Made[]) {
  const objects = createMemoryObjectStore();
  const world = createWorld(objects);
  const files = new Map<JobId, string>();
  for (const { scenario, first, losses } of made) {
    const params = (at: number) => ({ x: at / 7, n: at, 'is on': at % 2 === 0, mixed: at % 5 === 0 ? 'few' : at });
    const sets = Array.from({ length: SETS }, (_, at) => params(first + at));
    const job = await world.register({ sets, targets: TARGETS, scenario });
    await world.compute(
      job,
      sets.map((_, at) => at),
    );
    await world.index(job, (set, target) => losses[target as (typeof TARGETS)[number]][set]!);
    const file = join(root, `${job.id}.parquet`);
    await writeFile(file, (await objects.get(`${keys.results(job.id)}losses.parquet`))!.bytes);
    files.set(job.id, file);
  }
  return { objects, files, jobs: [...files.keys()] };
}

const lossesOf = (values: fc.Arbitrary<number>) => fc.array(fc.option(values), { minLength: SETS, maxLength: SETS });
const someLosses = fc.oneof(
  lossesOf(fc.integer({ min: -2, max: 2 })),
  lossesOf(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((loss) => !Object.is(loss, -0))),
);
const someJobs = fc.array(
  fc.record({
    scenario: fc.constantFrom('baseline', 'lockdown'),
    first: fc.constantFrom(0, 20),
    losses: fc.record({ fit: someLosses, "o'ther": someLosses }),
  }),
  { minLength: 1, maxLength: 3 },
);

it('the best of summaries are the best of the losses, with their ties, in the same form: of each job, and of all', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(someJobs, fc.integer({ min: 1, max: 30 }), fc.constantFrom(undefined, ...TARGETS), async (made, nBest, target) => {
      const { objects, files, jobs } = await indexed(made);
      for (const job of [undefined, ...jobs]) {
        const known = await summarisedBest(objects, job, { target, nBest });
        if (known === undefined) continue;
        answered++;
        const read = job === undefined ? [...files.values()] : [files.get(job)!];
        expect(JSON.stringify(known)).toBe(JSON.stringify(await bestLosses(read, { target, nBest })));
      }
    }),
    { numRuns: 12 },
  );
  expect(answered).toBeGreaterThan(5);
});

const rising = Array.from({ length: SETS }, (_, at) => at);
const one: Made = { scenario: 'baseline', first: 0, losses: { fit: rising, "o'ther": rising.map((loss) => (loss < 2 ? loss : null)) } };

it('a summary answers only what it lists, and only while it is the one of its manifest', async () => {
  const { objects, jobs } = await indexed([one]);
  const job = jobs[0]!;
  expect((await summarisedBest(objects, job, { nBest: 20 }))?.best).toHaveLength(22);
  expect(await summarisedBest(objects, job, { target: 'fit', nBest: 21 })).toBeUndefined();
  expect((await summarisedBest(objects, job, { target: "o'ther", nBest: 21 }))?.best).toHaveLength(2);
  expect(await summarisedBest(objects, job, { target: 'unknown', nBest: 1 })).toBeUndefined();

  const [summary, manifest] = [`${keys.results(job)}summary.json`, `${keys.results(job)}manifest.json`];
  const written = (await objects.get(summary))!.bytes;
  const all = async () => [await summarisedBest(objects, job, { nBest: 1 }), await summarisedBest(objects, undefined, { nBest: 1 })];
  expect(await all()).toMatchObject([{ best: [{ loss: 0 }, { loss: 0 }] }, { best: [{ loss: 0 }, { loss: 0 }] }]);
  await objects.put(summary, Buffer.from(Buffer.from(written).toString().replace('"loss":1,', '"loss":0,')));
  expect(await all()).toEqual([undefined, undefined]);
  await objects.put(summary, written);
  const { files, ...rest } = JSON.parse(Buffer.from((await objects.get(manifest))!.bytes).toString());
  await objects.put(manifest, Buffer.from(JSON.stringify({ ...rest, files: { 'losses.parquet': files['losses.parquet'] } })));
  expect(await all()).toEqual([undefined, undefined]);
  await objects.put(manifest, Buffer.from('{'));
  expect(await all()).toEqual([undefined, undefined]);
  await objects.delete(manifest);
  expect(await all()).toEqual([undefined, undefined]);
});

it('of several jobs, sets are listed up to where each list is complete', async () => {
  const other: Made = { scenario: 'lockdown', first: 0, losses: { fit: rising.map((loss) => loss + 100), "o'ther": rising } };
  const { objects, jobs } = await indexed([one, other]);
  const fit = await summarisedBest(objects, undefined, { target: 'fit', nBest: 20 });
  expect(fit?.best.map(({ job_id, loss }) => [job_id, loss])).toEqual(rising.slice(0, 20).map((loss) => [jobs[0], loss]));
  expect(await summarisedBest(objects, undefined, { target: 'fit', nBest: 21 })).toBeUndefined();
  // Two sets with loss 0 and two with loss 1, then those that only the second job has.
  const others = await summarisedBest(objects, undefined, { target: "o'ther", nBest: 22 });
  expect(others?.best.map(({ loss, rank }) => [loss, rank])).toEqual([
    ...[0, 0, 1, 1].map((loss) => [loss, 1 + 2 * loss]),
    ...rising.slice(2, 20).map((loss) => [loss, loss + 3]),
  ]);
});
