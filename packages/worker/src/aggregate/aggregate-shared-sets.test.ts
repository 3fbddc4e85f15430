import { type AttemptPlan, keys, packPrefix } from '@modelops/contracts';
import { makeModel } from '@modelops/model-host/testing';
import { createMemoryObjectStore, type ObjectStore } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import { chunkNumbers } from '../chunk/claims.ts';
import type { Job, Stores } from '../job-context.ts';
import { makeJob, makeStores, startJob, work } from '../testing/made-jobs.ts';
import { aggregateSharedSets } from './aggregate-shared-sets.ts';

const MODEL = {
  simulate: 'return { out: { value: Float64Array.of(Number(seed) / 7) } };',
  targets: { sum: 'return { loss: columns.value.reduce((a, b) => a + b, 0), diagnostics: {}, n_replicates: rows.length };' },
};

/** A job of three sets, each split over ten chunks. */
async function makeSplit(objects: ObjectStore): Promise<{ job: Job; plan: AttemptPlan }> {
  const job = makeJob({ sets: 3, replicates: 40, targets: ['sum'] });
  const plan = await startJob(job, makeStores(objects));
  expect(plan.chunks.length).toBe(30);
  return { job, plan };
}

const lossesOf = async (job: Job, { provenance }: Stores) => [...(await provenance.aggregations(job.aggs('sum'))).values()];
const isAggregation = (job: Job, key: string) => key.startsWith(packPrefix(job.aggs('sum'))) && key.endsWith('_index.parquet');

describe('a set that is split over chunks', () => {
  it('is aggregated when its last chunk is done, and not by the finaliser', async () => {
    const objects = createMemoryObjectStore();
    const { job, plan } = await makeSplit(objects);
    const doneAt: number[] = [];
    const watched: ObjectStore = {
      ...objects,
      put: async (key, ...rest) => {
        if (isAggregation(job, key)) doneAt.push((await chunkNumbers(objects, keys.dones(job.id, 1))).size);
        return objects.put(key, ...rest);
      },
    };
    await work({ job, plan, load: makeModel(MODEL) }, makeStores(watched));
    expect((await makeStores(objects).registry.state(job.id)).status).toBe('succeeded');
    // Later chunks are written concurrently, and some of them may be done by then.
    expect(doneAt[0]).toBeGreaterThanOrEqual(10);
    expect(doneAt[0]).toBeLessThan(plan.chunks.length);
    expect(await lossesOf(job, makeStores(objects))).toHaveLength(3);
  });

  it('has one loss even if all its writers see the last `done` record at the same time', async () => {
    const { objects, job, plan } = await makeCrash();
    const chunks = [0, 5, 9];
    let waiting = 0;
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    // No evaluation ends before all have begun.
    const evaluate = async () => {
      if (++waiting === chunks.length) open();
      await opened;
      return { loss: 7, diagnostics: {}, n_replicates: 40 };
    };
    await Promise.all(chunks.map((chunk) => aggregateSharedSets(job, { plan, chunk }, evaluate, makeStores(objects))));
    expect(waiting).toBe(3);
    expect(await lossesOf(job, makeStores(objects))).toMatchObject([{ loss: 7 }]);
    await aggregateSharedSets(job, { plan, chunk: 0 }, evaluate, makeStores(objects));
    expect(waiting).toBe(3);
  });

  it('is aggregated by the finaliser if the writer of its last `done` record died', async () => {
    const { objects, job, plan } = await makeCrash();
    expect(await lossesOf(job, makeStores(objects))).toEqual([]);
    await work({ job, plan, load: makeModel(MODEL) }, makeStores(objects));
    expect((await makeStores(objects).registry.state(job.id)).status).toBe('succeeded');
    expect(await lossesOf(job, makeStores(objects))).toHaveLength(3);
  });

  it('costs no request for a job without targets or for chunks of whole sets', async () => {
    const objects = createMemoryObjectStore();
    const blind: Stores = { ...makeStores(objects), objects: { ...objects, list: () => expect.fail('it was listed') } };
    const evaluate = () => expect.fail('it was evaluated');
    const whole = makeJob({ sets: 8, replicates: 5, targets: ['sum'] });
    const wholePlan = await startJob(whole, makeStores(objects));
    await aggregateSharedSets(whole, { plan: wholePlan, chunk: 0 }, evaluate, blind);
    const split = makeJob({ id: 'job-2', sets: 1, replicates: 40 });
    const splitPlan = await startJob(split, makeStores(objects));
    await aggregateSharedSets(split, { plan: splitPlan, chunk: 0 }, evaluate, blind);
  });
});

/** A split job whose worker died before it wrote the first aggregation: the ten chunks of the first set are done. */
async function makeCrash(): Promise<{ objects: ObjectStore; job: Job; plan: AttemptPlan }> {
  const objects = createMemoryObjectStore();
  const { job, plan } = await makeSplit(objects);
  const put: ObjectStore['put'] = async (key, ...rest) => {
    if (isAggregation(job, key)) throw new Error('the disk is full');
    return objects.put(key, ...rest);
  };
  await expect(work({ job, plan, load: makeModel(MODEL) }, makeStores({ ...objects, put }))).rejects.toThrow('the disk is full');
  return { objects, job, plan };
}
