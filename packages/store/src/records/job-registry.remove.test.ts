import { type JobStatus, keys, ModelOpsError, parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createJobRegistry } from './create-job-registry.ts';
import { START, specAt } from './testing/specs.ts';

const id = parseJobId('job-aa11');
const spec = { ...specAt(START), job_id: id };
const OTHERS = [
  'provenance/token/v1/sims/abababababab/m@baseline/p/_index.parquet',
  'jobs/job-aa112/state.json',
  'results/job-aa112/summary.json',
];

async function openWith(...path: JobStatus[]) {
  const objects = createMemoryObjectStore();
  const registry = createJobRegistry(objects, { now: () => new Date('2026-03-01T13:00:00Z') });
  await registry.register(spec, { tasks_total: 1, expected_outputs: null });
  for (const to of path) await registry.transition(id, { to });
  const own = [`${keys.results(id)}summary.json`, keys.plan(id, 1), keys.done(id, 1, 0), keys.attribution(id, 1, 0)];
  for (const key of [...own, ...OTHERS]) await objects.put(key, new Uint8Array([1]));
  return { objects, registry };
}

async function keysOf(objects: ObjectStore): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of objects.list('')) found.push(key);
  return found;
}

describe('removing a job', () => {
  it('deletes all objects of the job, and no others', async () => {
    const { objects, registry } = await openWith('submitting', 'failed');
    await registry.remove(id);
    expect(await keysOf(objects)).toEqual([...OTHERS].sort());
    await expect(registry.state(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await expect(registry.remove(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it.each([[[]], [['submitting']], [['submitting', 'scheduled', 'running', 'validating']]] as JobStatus[][][])(
    'refuses a job that has not ended (%j), and changes nothing',
    async (path) => {
      const { objects, registry } = await openWith(...path);
      const before = await keysOf(objects);
      await expect(registry.remove(id)).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION', exit: 4, hint: `mops jobs cancel ${id}` });
      expect(await keysOf(objects)).toEqual(before);
    },
  );

  it('continues after an interruption, and refuses to resume the job in between', async () => {
    const { objects, registry } = await openWith('submitting', 'failed');
    let left = 2;
    const failing: ObjectStore = {
      ...objects,
      delete: async (key) => {
        if (left-- <= 0) throw new ModelOpsError('STORE_UNREACHABLE', 'gone');
        await objects.delete(key);
      },
    };
    const interrupted = createJobRegistry(failing, { now: () => new Date('2026-03-01T13:00:00Z') });
    await expect(interrupted.remove(id)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await keysOf(objects)).toContain(keys.state(id));
    await expect(registry.transition(id, { reopen: 'resume' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await registry.remove(id);
    expect(await keysOf(objects)).toEqual([...OTHERS].sort());
  });
});
