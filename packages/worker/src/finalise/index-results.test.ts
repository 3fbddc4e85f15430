import { digestOf, keys } from '@modelops/contracts';
import { createMemoryObjectStore, type ObjectStore, readParquet } from '@modelops/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeJob, makeStores } from '../testing/made-jobs.ts';
import { indexResults } from './index-results.ts';
import type { VerifiedOutputs } from './verify-outputs.ts';

const SETS = 12;
const job = makeJob({ sets: SETS, replicates: 2, targets: ['fit', 'other'] });
const prefix = keys.results(job.id);

/** What a set × target has in the store: null for nothing. */
type Held = { readonly loss: number | null; readonly at: number; readonly error: number | null } | null;

function outputsOf(held: readonly Held[]): VerifiedOutputs {
  const rows = held.map((one, at) => ({
    set: Math.floor(at / 2),
    target: at % 2 === 0 ? 'fit' : 'other',
    row: one === null ? undefined : rowOf(one),
  }));
  return {
    has: () => true,
    verified: job.tasks.count,
    missing: [],
    missingCount: 0,
    existingIn: new Int32Array(SETS).fill(2),
    aggregations: Object.assign(rows, { rowAt: () => undefined }),
    unaggregated: [],
  };
}

function rowOf({ loss, at, error }: NonNullable<Held>) {
  const computed_at = new Date(at).toISOString();
  const reason = loss === null ? 'Error: x' : null;
  return { loss, n_replicates: 2, replicate_mean: loss, standard_error: error, computed_at, job_id: 'job-1', reason };
}

async function filesIn(objects: ObjectStore): Promise<string[]> {
  const names = ['losses.parquet', 'manifest.json', 'summary.json'];
  return Promise.all(names.map(async (name) => Buffer.from((await objects.get(`${prefix}${name}`))!.bytes).toString('base64')));
}

async function groupsIn(objects: ObjectStore): Promise<string[]> {
  const manifest = JSON.parse(Buffer.from((await objects.get(`${prefix}manifest.json`))!.bytes).toString());
  return manifest.files['losses.parquet'].row_groups;
}

const held = fc.option(
  fc.record({
    loss: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    at: fc.integer({ min: 0, max: 2e12 }),
    error: fc.option(fc.double({ min: 0, max: 9, noNaN: true })),
  }),
);
const all = fc.array(held, { minLength: 2 * SETS, maxLength: 2 * SETS });
const changes = fc.array(fc.tuple(fc.nat({ max: 2 * SETS - 1 }), held), { maxLength: 4 });

describe('losses indexed again', () => {
  it('have the bytes of losses indexed for the first time, and copy the row groups without a changed row', () =>
    fc.assert(
      fc.asyncProperty(
        all,
        fc.array(changes, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (first, steps, size) => {
          const objects = createMemoryObjectStore();
          let now = first;
          await indexResults(job, outputsOf(now), makeStores(objects), size);
          for (const step of steps) {
            const [before, groups] = [now, await groupsIn(objects)];
            now = now.slice();
            for (const [at, value] of step) now[at] = value;
            expect(await indexResults(job, outputsOf(now), makeStores(objects), size)).toBe(true);
            const fresh = createMemoryObjectStore();
            await indexResults(job, outputsOf(now), makeStores(fresh), size);
            expect(await filesIn(objects)).toEqual(await filesIn(fresh));
            (await groupsIn(objects)).forEach((group, at) => {
              const isSame = (list: readonly Held[]) => JSON.stringify(list.slice(at * size, (at + 1) * size));
              if (isSame(before) === isSame(now)) expect(group).toBe(groups[at]);
            });
          }
          const table = readParquet((await objects.get(`${prefix}losses.parquet`))!.bytes);
          expect(table.list('loss')).toEqual(now.map((one) => one?.loss ?? null));
          expect(table.list('standard_error')).toEqual(now.map((one) => one?.error ?? null));
          expect(table.list('computed_at')).toEqual(now.map((one) => (one === null ? null : BigInt(one.at))));
        },
      ),
      { numRuns: 30 },
    ));

  it('copy row groups as they are in the losses whose digest is in the manifest', async () => {
    const objects = createMemoryObjectStore();
    const outputs = outputsOf(Array.from({ length: 2 * SETS }, (_, at) => ({ loss: at, at, error: null })));
    await indexResults(job, outputs, makeStores(objects), 8);
    const bytes = (await objects.get(`${prefix}losses.parquet`))!.bytes.slice();
    const before = digestOf(bytes);
    bytes[100]! ^= 1; // in a page of the first group
    const manifest = Buffer.from((await objects.get(`${prefix}manifest.json`))!.bytes)
      .toString()
      .replace(before, digestOf(bytes));
    await objects.put(`${prefix}losses.parquet`, bytes);
    await objects.put(`${prefix}manifest.json`, Buffer.from(manifest));
    await indexResults(job, outputs, makeStores(objects), 8);
    expect(Buffer.compare((await objects.get(`${prefix}losses.parquet`))!.bytes, bytes)).toBe(0);
  });

  it('do not copy row groups of losses that have been damaged', async () => {
    const objects = createMemoryObjectStore();
    const outputs = outputsOf(Array.from({ length: 2 * SETS }, (_, at) => ({ loss: at, at, error: null })));
    await indexResults(job, outputs, makeStores(objects), 8);
    const whole = await filesIn(objects);
    const bytes = (await objects.get(`${prefix}losses.parquet`))!.bytes.slice();
    bytes[20]! ^= 1;
    await objects.put(`${prefix}losses.parquet`, bytes);
    await indexResults(job, outputs, makeStores(objects), 8);
    expect(await filesIn(objects)).toEqual(whole);
    await objects.put(`${prefix}manifest.json`, Buffer.from('{}'));
    await indexResults(job, outputs, makeStores(objects), 8);
    expect(await filesIn(objects)).toEqual(whole);
  });
});
