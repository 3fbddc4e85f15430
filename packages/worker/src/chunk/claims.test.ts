import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonBytes, keys, parseJobId } from '@modelops/contracts';
import { createMemoryObjectStore, type ObjectStore, openObjectStore } from '@modelops/store';
import { buildProgram } from '@modelops/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, chunkNumbers, claimChunks, crashedChunks } from './claims.ts';

const JOB = parseJobId('job-1');
const claimer = (objects: ObjectStore, { chunks, index, width }: { chunks: number; index: number; width: number }) =>
  claimChunks(objects, { job: JOB, n: 1, chunks, index, width, host: 'test', now: Date.now });
const all = async (claims: AsyncIterable<Claim>) => {
  const taken: Claim[] = [];
  for await (const claim of claims) taken.push(claim);
  return taken;
};
const numbers = (claims: readonly Claim[]) => claims.map(({ chunk }) => chunk);

describe('claimChunks', () => {
  it('claims its own share first, in order, and then unclaimed chunks', async () => {
    const objects = createMemoryObjectStore();
    expect(numbers(await all(claimer(objects, { chunks: 9, index: 1, width: 3 })))).toEqual([3, 4, 5, 6, 7, 8, 0, 1, 2]);
    expect(await all(claimer(objects, { chunks: 9, index: 0, width: 3 }))).toEqual([]);
  });

  it('distributes every chunk among workers that start together', async () => {
    const objects = createMemoryObjectStore();
    const taken = await Promise.all([0, 1, 2, 3].map((index) => all(claimer(objects, { chunks: 50, index, width: 4 }))));
    expect(taken.flatMap(numbers).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, chunk) => chunk));
  });

  it('claims every chunk once with any number of further workers, which have no share of their own', async () => {
    const counts = {
      chunks: fc.integer({ min: 1, max: 60 }),
      width: fc.integer({ min: 1, max: 6 }),
      further: fc.integer({ min: 0, max: 9 }),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(counts), async ({ chunks, width, further }) => {
        const objects = createMemoryObjectStore();
        const indexes = Array.from({ length: width + further }, (_, index) => index);
        const taken = await Promise.all(indexes.reverse().map((index) => all(claimer(objects, { chunks, index, width }))));
        expect(taken.flatMap(numbers).sort((a, b) => a - b)).toEqual(Array.from({ length: chunks }, (_, chunk) => chunk));
      }),
      { numRuns: 100 },
    );
  });

  it('starts further workers at different places', async () => {
    const firsts = await Promise.all(
      Array.from(
        { length: 8 },
        async (_, at) => (await claimer(createMemoryObjectStore(), { chunks: 64, index: 2 + at, width: 2 }).next()).value,
      ),
    );
    expect(new Set(firsts.map((claim) => claim?.chunk)).size).toBe(8);
  });

  it('leaves the chunks that its index left unfinished to crashedChunks, which skips those of other indexes', async () => {
    const objects = createMemoryObjectStore();
    const first = claimer(objects, { chunks: 6, index: 0, width: 2 });
    for (let n = 0; n < 3; n++) await first.next(); // 0, 1, 2; killed
    await claimer(objects, { chunks: 6, index: 1, width: 2 }).next(); // 3
    await objects.put(keys.done(JOB, 1, 1), jsonBytes({}));
    expect(await crashedChunks(objects, { job: JOB, n: 1, index: 0 })).toEqual([
      { chunk: 0, isCrashed: true },
      { chunk: 2, isCrashed: true },
    ]);
    expect(await all(claimer(objects, { chunks: 6, index: 0, width: 2 }))).toEqual([
      { chunk: 4, isCrashed: false },
      { chunk: 5, isCrashed: false },
    ]);
  });

  it('claims a chunk that was released', async () => {
    const objects = createMemoryObjectStore();
    const first = claimer(objects, { chunks: 2, index: 0, width: 2 });
    await first.next();
    const second = claimer(objects, { chunks: 2, index: 1, width: 2 });
    expect((await second.next()).value).toMatchObject({ chunk: 1 });
    await objects.delete(keys.claim(JOB, 1, 0));
    expect(await all(second)).toEqual([{ chunk: 0, isCrashed: false }]);
  });

  it('assigns each chunk to exactly one of many processes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'worker-claims-'));
    const program = await buildProgram(
      `import { openObjectStore } from '@modelops/store';
       import { claimChunks } from './claims.ts';
       const [root, index] = process.argv.slice(2);
       const objects = await openObjectStore({ provider: 'fs', path: root, container: 'none' });
       const taken = [];
       for await (const { chunk } of claimChunks(objects, { job: 'job-1', n: 1, chunks: 120, index: Number(index), width: 6, host: 'test', now: Date.now })) taken.push(chunk);
       console.log(JSON.stringify(taken));`,
      import.meta.dirname,
    );
    try {
      const taken = await Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (index) => JSON.parse(await program.run(root, String(index))) as number[]),
      );
      expect(taken.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, chunk) => chunk));
      expect((await chunkNumbers(await openObjectStore({ provider: 'fs', path: root, container: 'none' }), keys.claims(JOB, 1))).size).toBe(
        120,
      );
    } finally {
      await program.remove();
      rmSync(root, { recursive: true, force: true });
    }
  });
});
