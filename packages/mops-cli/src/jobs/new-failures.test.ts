import { keys } from '@modelops/contracts';
import { expect, it } from 'vitest';
import { createWorld } from '../results/testing/world.ts';
import { createFailureReader } from './new-failures.ts';

it('groups failures by cause over all calls, and reads them only when a chunk has failures', async () => {
  const world = createWorld();
  const job = await world.register({ sets: [{ x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }] });
  const done = async (chunk: number, failed: object) => {
    const record = { chunk, index: 0, tasks: 1, computed: 0, reused: 0, failed, packs: [], model_ms: 1, started_at: '', ended_at: '' };
    await world.stores.objects.put(keys.done(job.id, 1, chunk), new TextEncoder().encode(JSON.stringify(record)));
  };
  const read = createFailureReader(job, world.stores);
  await world.compute(job, [0, 1], { failed: [0, 1] });
  expect(await read()).toEqual([]);
  await done(0, { exception: 2 });
  expect(await read()).toMatchObject([{ count: 2, before: 0, error: { message: 'no' }, sample: { params: { x: 1 } } }]);
  expect(await read()).toEqual([]);
  await world.compute(job, [2], { failed: [2] });
  await done(1, { exception: 1 });
  expect(await read()).toMatchObject([{ count: 1, before: 2 }]);
});
