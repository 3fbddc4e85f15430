import { type JobId, type JobStatus, keys } from '@modelops/contracts';
import { createMemoryObjectStore } from '@modelops/store';
import { expect, it } from 'vitest';
import { reindexJob } from './reindex-job.ts';
import { createWorld, type World } from './testing/world.ts';

const END: readonly JobStatus[] = ['submitting', 'scheduled', 'running', 'validating', 'succeeded'];
const FILES = ['losses.parquet', 'manifest.json', 'summary.json'];

async function indexedJob(statuses = END) {
  const objects = createMemoryObjectStore();
  const world = createWorld(objects);
  const job = await world.register({ sets: [{ x: 1 }, { x: 2 }, { x: 3 }], replicates: 2, targets: ['fit'] });
  await world.compute(job, [0, 1, 2, 3, 4]);
  await world.index(job, (set) => (set === 1 ? null : set / 7));
  for (const to of statuses) await world.stores.registry.transition(job.id, { to });
  return { objects, world, id: job.id };
}

async function filesOf({ stores: { objects } }: World, id: JobId): Promise<string[]> {
  const bytes = await Promise.all(FILES.map(async (name) => (await objects.get(`${keys.results(id)}${name}`))?.bytes ?? Buffer.of()));
  return bytes.map((part) => Buffer.from(part).toString('base64'));
}

it('the results of an ended job are written again with the same bytes, and its record is not', async () => {
  const { world, id, objects } = await indexedJob();
  const [before, record] = [await filesOf(world, id), await world.stores.registry.state(id)];
  const report = { job: id, status: 'succeeded', rows: 3, losses: 1 };
  expect(await reindexJob(id, world.stores)).toEqual({ ...report, changed: false });
  for (const name of FILES) {
    await objects.delete(`${keys.results(id)}${name}`);
    expect(await reindexJob(id, world.stores)).toEqual({ ...report, changed: true });
    expect(await filesOf(world, id)).toEqual(before);
    await objects.put(`${keys.results(id)}${name}`, Buffer.from('damaged'));
    expect(await reindexJob(id, world.stores)).toEqual({ ...report, changed: true });
    expect(await filesOf(world, id)).toEqual(before);
  }
  expect(await world.stores.registry.state(id)).toEqual(record);
});

it('a job that has not ended is refused', async () => {
  const { world, id } = await indexedJob(END.slice(0, 3));
  const before = await filesOf(world, id);
  await expect(reindexJob(id, world.stores)).rejects.toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    message: `${id} is running: its results are indexed when it ends`,
    hint: `mops jobs wait ${id}`,
  });
  expect(await filesOf(world, id)).toEqual(before);
});
