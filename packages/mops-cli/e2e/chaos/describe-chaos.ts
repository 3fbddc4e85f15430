import { setTimeout as pause } from 'node:timers/promises';
import { isTerminal, type JobState } from '@modelops/contracts';
import { createRandom } from '@modelops/testkit';
import { type Job, readPlan } from '@modelops/worker';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { OpenEnvironment } from '../../src/deps.ts';
import { settleJob } from '../../src/jobs/settle-job.ts';
import { type Arena, type ChaosHost, engineDir, openArena, reopen, SHAPES, type Shape } from './arena.ts';
import { faultsOf, injectFaults } from './faults.ts';
import { computedIn, defectsOf, expectEveryTaskOnce, lossesOf, missingOf, taskIdsOf } from './outcome.ts';

/** The seed of the first disturbed job; seeds are consecutive. */
const SEED = Number(process.env.MODELOPS_CHAOS_SEED ?? 43);
const MOST_FAULTS = 5;
/** Maximum number of undisturbed attempts until a job must have succeeded: one, for tasks that were recorded as failed because of a fault. */
const QUIET_ATTEMPTS = 1;
const TIMEOUT_MS = 600_000;

/** Injects faults into jobs with this kind of host; MODELOPS_CHAOS_RUNS sets their number, by default `most`. */
export function describeChaos(host: ChaosHost, most: number): void {
  const runs = Number(process.env.MODELOPS_CHAOS_RUNS ?? most);
  let arena: Arena;
  const undisturbed = new Map<Shape, Record<string, unknown[]>>();
  beforeAll(async () => {
    arena = await openArena(host);
    for (const shape of Object.keys(SHAPES) as Shape[]) {
      const opened = await arena.open(`undisturbed-${shape}`);
      const job = await arena.submit(shape, opened, 1);
      expect((await untilEnded(job, opened)).status).toBe('succeeded');
      undisturbed.set(shape, await lossesOf(job, opened.stores));
    }
  }, TIMEOUT_MS);
  afterAll(() => arena.laptop.remove(), TIMEOUT_MS);

  /** Waits like `mops jobs wait`: the outputs decide the state of a job whose workers have ended. */
  async function untilEnded(job: Job, opened: OpenEnvironment): Promise<JobState> {
    for (;;) {
      const { state } = await settleJob(job, await opened.stores.registry.state(job.id), opened);
      if (isTerminal(state.status)) return state;
      await pause(20);
    }
  }

  /** Resumes a finished job and checks that no task with a result is planned. Returns the number of the attempt. */
  async function resume(job: Job, opened: OpenEnvironment): Promise<number> {
    const missing = await missingOf(job, opened.stores);
    const n = await arena.resume(job, opened);
    const { chunks, tasks } = await readPlan(opened.stores.objects, job.id, n);
    // A set whose replicates all exist is planned only for its aggregation.
    const isWhole = ([start, end]: readonly [number, number]) =>
      taskIdsOf(job)
        .slice(start, end)
        .every((id) => !missing.has(id));
    const planned = chunks.flat().filter((range) => !isWhole(range));
    for (const [start, end] of planned) for (let task = start; task < end; task++) expect(missing).toContain(job.tasks.idAt(task));
    expect(tasks).toBe(missing.size);
    return n;
  }

  const disturbed = Array.from({ length: runs }, (_, run) => {
    const seed = SEED + run;
    const random = createRandom(seed);
    const shape: Shape = seed % 2 === 0 ? 'whole' : 'split';
    return { seed, shape, slots: 1 + (Math.floor(seed / 2) % 2), faults: faultsOf(random, 1 + Math.floor(random() * MOST_FAULTS)) };
  });

  describe(`a job of a ${host} model on the local engine whose workers, hosts and finalisers are killed`, () => {
    it.each(disturbed)(
      'loses no result and counts none twice: seed $seed, sets $shape, slots $slots',
      { timeout: TIMEOUT_MS },
      async ({ seed, shape, slots, faults }) => {
        const events: string[] = [];
        onTestFinished(() => console.log([`MODELOPS_CHAOS_SEED=${seed}`, ...events].join('\n  ')));
        const opened = await arena.open(`faults-${seed}`);
        const job = await arena.submit(shape, opened, slots);
        const left = [...faults];
        let n = 1;
        let state: JobState;
        for (;;) {
          events.push(...(await injectFaults(job, n, left, opened, engineDir(arena.laptop))).map((line) => `attempt ${n}: ${line}`));
          state = await untilEnded(job, opened);
          events.push(`attempt ${n}: ${state.status}`);
          expect(await defectsOf(job, n, opened)).toEqual([]);
          expect(state.tasks_verified).toBe(job.tasks.count - (await missingOf(job, opened.stores)).size);
          if (state.status === 'succeeded' || left.length === 0) break;
          n = await resume(job, opened);
        }
        for (let quiet = 0; state.status !== 'succeeded'; quiet++) {
          expect(quiet).toBeLessThan(QUIET_ATTEMPTS);
          const missing = await missingOf(job, opened.stores);
          n = await resume(job, opened);
          state = await untilEnded(job, opened);
          expect(await computedIn(job, n, opened.stores)).toEqual(missing);
        }
        const { stores } = await reopen(opened, arena.laptop);
        expect(state).toMatchObject({ status: 'succeeded', tasks_verified: job.tasks.count, missing_outputs: { count: 0 } });
        await expectEveryTaskOnce(job, stores);
        expect(await lossesOf(job, stores)).toEqual(undisturbed.get(shape));
      },
    );
  });
}
