import type { ProgressState } from '@modelops/cli-kit';
import { type JobState, keys } from '@modelops/contracts';
import { expect, it } from 'vitest';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { createWorld } from '../results/testing/world.ts';
import { watchJob } from './watch-job.ts';

it('counts failed tasks as progress, in every state, so that the share that is done never falls', async () => {
  const world = createWorld();
  const job = await world.register({ sets: Array.from({ length: 10 }, (_, x) => ({ x })) });
  const done = async (chunk: number, tasks: number, failed: object) => {
    const record = { chunk, index: 0, tasks, computed: 0, reused: 0, failed, packs: [], model_ms: 1, started_at: '', ended_at: '' };
    await world.stores.objects.put(keys.done(job.id, 1, chunk), new TextEncoder().encode(JSON.stringify(record)));
  };
  const registered = await world.stores.registry.state(job.id);
  const attempt = { n: 1, engine: 'local', owner: null, namespace: null, tasks: 10, started_at: '' };
  const at = (status: JobState['status'], tasks_verified = 0) =>
    ({
      ...registered,
      status,
      expected_outputs: { simulations: 10, aggregations: 0, digest: '' },
      tasks_total: 10,
      tasks_verified,
      attempts: [attempt],
    }) as unknown as JobState;
  const states = [at('running'), at('running'), at('validating'), at('partial', 4)];
  const shown: ProgressState[] = [];
  const opened = {
    stores: { ...world.stores, registry: { ...world.stores.registry, state: async () => states.shift()! } },
    engine: { name: 'local', owner: async () => null },
  } as unknown as OpenEnvironment;
  const progress = { update: (state: ProgressState) => void shown.push(state), finish: () => undefined, clear: () => undefined };
  let passed = 0;
  const deps = {
    reporter: { progress: async () => progress, note: () => undefined },
    clock: () => 0,
    signal: new AbortController().signal,
    sleep: async () => {
      if (passed++ === 0) await done(0, 4, { exception: 3, crash: 1 });
      else await done(1, 6, { exception: 2 });
    },
  } as unknown as MopsDeps;
  expect(await watchJob(job.id, undefined, opened, deps)).toMatchObject({ done: 4, state: { status: 'partial' } });
  expect(shown.map(({ done: count, total, note }) => [count, total, note])).toEqual([
    [0, 10, 'running'],
    [4, 10, 'running, 4 failed'],
    [10, 10, 'validating, 6 failed'],
    [10, 10, 'partial, 6 failed'],
  ]);
});
