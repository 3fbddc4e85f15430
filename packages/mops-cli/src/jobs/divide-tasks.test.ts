import { collectGarbage, planGarbage } from '@modelops/store';
import type { Job } from '@modelops/worker';
import { describe, expect, it } from 'vitest';
import { createWorld, type MadeJob, type World } from '../results/testing/world.ts';
import { divideTasks } from './submit-job.ts';

const SETS = [{ beta: 1 }, { beta: 2 }];

/** A store with the results of both sets, one replicate each, whose outputs were deleted. */
async function evictedWorld(made: Partial<MadeJob> = {}): Promise<{ world: World; job: Job }> {
  const world = createWorld();
  const { objects, registry, now } = world.stores;
  const first = await world.register({ sets: SETS, ...made });
  await world.compute(first, [0, 1]);
  for await (const { key } of objects.list(`jobs/${first.id}/`)) await objects.delete(key);
  const { garbage } = await planGarbage(objects, registry, { evict: new Set(), orphansBefore: 0, withQuarantine: false });
  await collectGarbage(objects, registry, garbage, { evict: new Set(), now });
  return { world, job: await world.register({ sets: SETS, ...made }) };
}

describe('divideTasks of results without their outputs', () => {
  it('plans all of them for a new job without a target, and none for a resumed one', async () => {
    const { world, job } = await evictedWorld();
    const fresh = await divideTasks(job, world.stores, { isNew: true });
    expect(fresh).toMatchObject({ missing: 2, reused: 0 });
    expect(fresh.reusedIds()).toEqual([]);
    const again = await divideTasks(job, world.stores);
    expect(again).toMatchObject({ groups: [], missing: 0, reused: 2 });
    expect(again.reusedIds()).toHaveLength(2);
  });

  it('plans those whose target was never evaluated', async () => {
    const { world, job } = await evictedWorld({ targets: ['prevalence'] });
    expect(await divideTasks(job, world.stores)).toMatchObject({ missing: 2, reused: 0 });
  });
});
