import { keys } from '@modelops/contracts';
import type { LoadMessage } from '@modelops/model-host';
import { makeModel } from '@modelops/model-host/testing';
import { createMemoryObjectStore, type ObjectStore, readParquet } from '@modelops/store';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Job, Stores } from '../job-context.ts';
import { type JobOptions, makeJob, makeStores, startJob, work } from '../testing/made-jobs.ts';
import { finaliseJob } from './finalise-job.ts';
import { indexResults } from './index-results.ts';
import { verifyOutputs } from './verify-outputs.ts';

const FILES = ['losses.parquet', 'manifest.json', 'summary.json'];
async function filesOf(job: Job, { objects }: Stores): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of FILES) files[name] = Buffer.from((await objects.get(`${keys.results(job.id)}${name}`))!.bytes).toString('base64');
  return files;
}
const json = (files: Record<string, string>, name: string) => JSON.parse(Buffer.from(files[name]!, 'base64').toString());

/** A finished job with two targets, a failing set and a set without a loss. */
async function ranJob(objects: ObjectStore, options: Partial<JobOptions> = {}): Promise<Job> {
  const job = makeJob({ sets: 6, replicates: 2, targets: ['sum', 'fussy'], ...options });
  await work({ job, plan: await startJob(job, makeStores(objects)), load }, makeStores(objects));
  return job;
}

let load: LoadMessage;
beforeAll(() => {
  load = makeModel({
    simulate: `if (values.x === 4) throw new RangeError('x is 4'); return { out: { x: Float64Array.of(values.x) } };`,
    targets: {
      sum: 'return { loss: 10 - columns.x[0], diagnostics: { first: columns.x[0] }, n_replicates: rows.length };',
      fussy: `if (columns.x[0] === 2) throw new Error('two'); return { loss: columns.x[0], diagnostics: {}, n_replicates: rows.length };`,
    },
  });
});

describe('the results of a job', () => {
  it('have a row for each set and target, with a reason if there is no loss', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    const losses = readParquet((await objects.get(`${keys.results(job.id)}losses.parquet`))!.bytes);
    const row = (at: number) =>
      Object.fromEntries(
        ['param_x', 'target', 'loss', 'n_replicates', 'n_failed', 'cache_hit', 'reason'].map((name) => [name, losses.list(name)[at]]),
      );
    expect(losses.rows).toBe(12);
    expect(row(0)).toEqual({ param_x: 0, target: 'sum', loss: 10, n_replicates: 2, n_failed: 0, cache_hit: false, reason: null });
    expect(row(5)).toMatchObject({ param_x: 2, target: 'fussy', loss: null, n_replicates: 2, reason: 'Error: two' });
    expect(row(8)).toMatchObject({
      param_x: 4,
      target: 'sum',
      loss: null,
      n_replicates: 0,
      n_failed: 2,
      reason: '2 of 2 replicates missing: RangeError: x is 4',
    });
  });

  it('have a summary: best set, quantiles, failures by cause', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    const summary = json(await filesOf(job, makeStores(objects)), 'summary.json');
    expect(summary.targets[0]).toMatchObject({ target: 'sum', losses: 5, nulls: 1, min: 5, best: { params: { x: 5 }, loss: 5 } });
    expect(summary.targets[0].quantiles).toEqual({ 0.05: 5.4, 0.25: 7, 0.5: 8, 0.75: 9, 0.95: 9.8 });
    expect(summary.failures).toMatchObject([
      { kind: 'exception', type: 'RangeError', message: 'x is 4', count: 2, sample: { params: { x: 4 } } },
    ]);
  });

  it('are identical bytes, whichever process writes them, and however often', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    const before = await filesOf(job, makeStores(objects));
    for (const stores of [makeStores(objects), makeStores(objects)]) {
      expect(await indexResults(job, await verifyOutputs(job, stores), stores)).toBe(true);
      expect(await filesOf(job, stores)).toEqual(before);
    }
  });

  it('are consistent even if two finalisers that saw different outputs write them concurrently', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    const stores = makeStores(objects);
    const all = await verifyOutputs(job, stores);
    const kept = [...all.aggregations].map((one, at) => (at === 0 ? { ...one, row: undefined } : one));
    const fewer = { ...all, aggregations: Object.assign(kept, { rowAt: () => undefined }) };
    const disturbed = {
      ...objects,
      put: async (...args: Parameters<ObjectStore['put']>) => {
        if (args[0].endsWith('summary.json')) expect(await indexResults(job, all, stores)).toBe(true);
        return objects.put(...args);
      },
    };
    expect(await indexResults(job, fewer, makeStores(disturbed))).toBe(false);
    expect(await indexResults(job, all, stores)).toBe(true);
  });
});

describe('finaliseJob', () => {
  it('may run concurrently: one state, one set of files', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    await makeStores(objects).registry.transition(job.id, { reopen: 'revalidate' });
    const before = await filesOf(job, makeStores(objects));
    const states = await Promise.all([1, 2, 3, 4].map(() => finaliseJob(job, makeStores(objects))));
    expect(states.map(({ status }) => status)).toEqual(Array(4).fill('partial'));
    expect(await filesOf(job, makeStores(objects))).toEqual(before);
    const { history } = await makeStores(objects).registry.state(job.id);
    expect(history.filter(({ to }) => to === 'partial')).toHaveLength(2);
  });

  it('leaves a running validation to its owner if asked to, and otherwise starts its own', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 1, replicates: 1 });
    await startJob(job, stores);
    await stores.registry.transition(job.id, { to: 'validating' });
    expect((await finaliseJob(job, stores, { skipsBegun: true })).status).toBe('validating');
    expect(await stores.objects.head(`${keys.results(job.id)}manifest.json`)).toBeUndefined();
    expect((await finaliseJob(job, stores)).status).toBe('failed');
    const other = makeJob({ id: 'job-2', sets: 1, replicates: 1 });
    await startJob(other, stores);
    expect((await finaliseJob(other, stores, { skipsBegun: true })).status).toBe('failed');
  });

  it('does not change a finished job', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    const before = await makeStores(objects).registry.state(job.id);
    expect(await finaliseJob(job, makeStores(objects))).toEqual(before);
  });

  it('records the error that stopped it, and ends the job the next time', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    await makeStores(objects).registry.transition(job.id, { reopen: 'revalidate' });
    const broken = {
      ...objects,
      put: async (...args: Parameters<ObjectStore['put']>) => {
        if (args[0].endsWith('summary.json')) throw new Error('the disk is full');
        return objects.put(...args);
      },
    };
    await expect(finaliseJob(job, makeStores(broken))).rejects.toThrow('the disk is full');
    expect(await makeStores(objects).registry.state(job.id)).toMatchObject({
      status: 'validating',
      last_validation_error: 'the disk is full',
    });
    expect(await finaliseJob(job, makeStores(objects))).toMatchObject({ status: 'partial', last_validation_error: null });
  });

  it('evaluates sets that lack only their aggregation', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects);
    for await (const { key } of objects.list('provenance/token/v1/aggs/')) await objects.delete(key);
    await makeStores(objects).registry.transition(job.id, { reopen: 'revalidate' });
    const evaluated: string[] = [];
    await finaliseJob(job, makeStores(objects), {
      evaluate: async (target, outputs) => {
        evaluated.push(target);
        return { loss: 1, diagnostics: {}, n_replicates: Object.values(outputs)[0]!.rows.length };
      },
    });
    expect(evaluated.sort()).toEqual([...Array(5).fill('fussy'), ...Array(5).fill('sum')]);
    expect((await verifyOutputs(job, makeStores(objects))).unaggregated).toEqual([]);
  });
});

describe('verifyOutputs', () => {
  it('names missing tasks if a pack was deleted', async () => {
    const objects = createMemoryObjectStore();
    const job = await ranJob(objects, { targets: [] });
    const before = await verifyOutputs(job, makeStores(objects));
    expect([before.verified, before.missingCount]).toEqual([10, 2]);
    expect(before.missing).toEqual([8, 9].map((task) => job.tasks.idAt(task)));
    for await (const { key } of objects.list('provenance/')) await objects.delete(key);
    const after = await verifyOutputs(job, makeStores(objects));
    expect([after.verified, after.missingCount, [...after.existingIn]]).toEqual([0, 12, Array(6).fill(0)]);
  });
});
