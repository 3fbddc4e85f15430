import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keys } from '@modelops/contracts';
import { createMemoryObjectStore } from '@modelops/store';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bestLosses } from './best-losses.ts';
import { summarisedBest } from './summarised-best.ts';
import { createWorld } from './testing/world.ts';

const TARGETS = ['fit', "o'ther"];
const SETS = 26;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-summarised-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A job with these losses by target, its store and its `losses.parquet` in a folder. */
async function indexed(losses: Readonly<Record<string, readonly (number | null)[]>>) {
  const objects = createMemoryObjectStore();
  const world = createWorld(objects);
  const sets = Array.from({ length: SETS }, (_, at) => ({ x: at / 7, n: at, 'is on': at % 2 === 0, mixed: at < 3 ? 'few' : at }));
  const job = await world.register({ sets, targets: TARGETS });
  await world.compute(
    job,
    sets.map((_, at) => at),
  );
  await world.index(job, (set, target) => losses[target]![set]!);
  const file = join(root, 'losses.parquet');
  await writeFile(file, (await objects.get(`${keys.results(job.id)}losses.parquet`))!.bytes);
  return { objects, job: job.id, file };
}

const lossesOf = (values: fc.Arbitrary<number>) => fc.array(fc.option(values), { minLength: SETS, maxLength: SETS });

it('the best of a summary are the best of the losses, with their ties, in the same form', async () => {
  let answered = 0;
  const few = lossesOf(fc.integer({ min: -2, max: 2 }));
  const many = lossesOf(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((loss) => !Object.is(loss, -0)));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(few, many),
      fc.oneof(few, many),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(undefined, ...TARGETS),
      async (fit, other, nBest, target) => {
        const { objects, job, file } = await indexed({ fit, "o'ther": other });
        const known = await summarisedBest(objects, job, { target, nBest });
        if (known === undefined) return;
        answered++;
        expect(JSON.stringify(known)).toBe(JSON.stringify(await bestLosses([file], { target, nBest })));
      },
    ),
    { numRuns: 60 },
  );
  expect(answered).toBeGreaterThan(10);
});

it('a summary answers only what it lists, and only while it is the one of its manifest', async () => {
  const rising = Array.from({ length: SETS }, (_, at) => at);
  const { objects, job } = await indexed({ fit: rising, "o'ther": rising.map((loss) => (loss < 2 ? loss : null)) });
  expect((await summarisedBest(objects, job, { nBest: 20 }))?.best).toHaveLength(22);
  expect(await summarisedBest(objects, job, { target: 'fit', nBest: 21 })).toBeUndefined();
  expect((await summarisedBest(objects, job, { target: "o'ther", nBest: 21 }))?.best).toHaveLength(2);
  expect(await summarisedBest(objects, job, { target: 'unknown', nBest: 1 })).toBeUndefined();

  const [summary, manifest] = [`${keys.results(job)}summary.json`, `${keys.results(job)}manifest.json`];
  const written = (await objects.get(summary))!.bytes;
  await objects.put(summary, Buffer.from(Buffer.from(written).toString().replace('"loss":1,', '"loss":0,')));
  expect(await summarisedBest(objects, job, { nBest: 1 })).toBeUndefined();
  await objects.put(summary, written);
  const { files, ...rest } = JSON.parse(Buffer.from((await objects.get(manifest))!.bytes).toString());
  await objects.put(manifest, Buffer.from(JSON.stringify({ ...rest, files: { 'losses.parquet': files['losses.parquet'] } })));
  expect(await summarisedBest(objects, job, { nBest: 1 })).toBeUndefined();
  await objects.delete(manifest);
  expect(await summarisedBest(objects, job, { nBest: 1 })).toBeUndefined();
});
