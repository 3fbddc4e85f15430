import { type JobId, type JobState, type JobStatus, keys, ModelOpsError } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createJobRegistry } from './create-job-registry.ts';
import type { JobRegistry } from './job-registry.ts';
import { START, specAt } from './testing/specs.ts';

const ENDS = ['succeeded', 'partial', 'failed', 'cancelled'] as const;
const STATUSES: readonly JobStatus[] = ['pending', 'submitting', 'scheduled', 'running', 'validating', ...ENDS];

const specOf = (second: number) => specAt(START + second * 1000);
const open = (objects: ObjectStore) => createJobRegistry(objects, { now: () => new Date(START) });

/** A store that counts reads of records, and fails at its n-th write or deletion, before carrying it out. */
function watched(memory: ObjectStore) {
  const state = { reads: 0, writesLeft: Number.POSITIVE_INFINITY };
  const dying = async <T>(action: () => Promise<T>): Promise<T> => {
    if (state.writesLeft-- <= 0) throw new Error('killed');
    return action();
  };
  const objects: ObjectStore = {
    ...memory,
    get(key, range) {
      if (key.endsWith('/state.json')) state.reads++;
      return memory.get(key, range);
    },
    put: (key, bytes, condition) => dying(() => memory.put(key, bytes, condition)),
    delete: (key) => dying(() => memory.delete(key)),
  };
  return { objects, state };
}

async function idsOf(registry: JobRegistry, status: readonly JobStatus[], repairsNotes = false): Promise<JobId[]> {
  const found: JobId[] = [];
  for await (const { job_id } of registry.list({ status, repairsNotes })) found.push(job_id);
  return found;
}

async function finish(registry: JobRegistry, id: JobId, end: (typeof ENDS)[number]): Promise<JobState> {
  await registry.transition(id, { to: 'submitting' });
  if (end === 'cancelled' || end === 'failed') return registry.transition(id, { to: end });
  for (const to of ['scheduled', 'validating'] as const) await registry.transition(id, { to });
  return registry.transition(id, { to: end });
}

describe('a listing by status', () => {
  it('reads, of 5,000 jobs, only those that may have it', async () => {
    const { objects, state } = watched(createMemoryObjectStore());
    const registry = open(objects);
    const made: JobId[] = [];
    for (let second = 0; second < 5000; second++) {
      const { job_id } = await registry.register(specOf(second), { tasks_total: 1, expected_outputs: null });
      made.push(job_id);
      if (second % 100 !== 0) await finish(registry, job_id, second % 1000 === 7 ? 'failed' : 'succeeded');
    }
    const listed = async (status: readonly JobStatus[]) => {
      state.reads = 0;
      const found = await idsOf(registry, status);
      return { found: found.length, reads: state.reads };
    };
    expect(await listed(['pending', 'submitting', 'scheduled', 'running', 'validating'])).toEqual({ found: 50, reads: 50 });
    expect(await listed(['failed'])).toEqual({ found: 5, reads: 55 });
    expect(await listed(['cancelled'])).toEqual({ found: 0, reads: 50 });
    state.reads = 0;
    const window = { since: new Date(START + 4900_000), until: new Date(START + 4999_000) };
    const found: JobId[] = [];
    for await (const { job_id } of registry.list({ ...window, status: ['pending'] })) found.push(job_id);
    expect([found, state.reads]).toEqual([[made[4900]], 1]);
    state.reads = 0;
    for await (const { job_id } of registry.list({ status: ['succeeded'], limit: 3 })) expect(made).toContain(job_id);
    expect(state.reads).toBeLessThanOrEqual(3);
  }, 240_000);

  it('finds a job that ended without its note; only a repair writes the note', async () => {
    const { objects, state } = watched(createMemoryObjectStore());
    const registry = open(objects);
    const { job_id } = await registry.register(specOf(0), { tasks_total: 1, expected_outputs: null });
    await finish(registry, job_id, 'succeeded');
    for await (const { key } of objects.list(keys.statusNotes)) await objects.delete(key);
    state.writesLeft = 0; // any write fails
    expect(await idsOf(registry, ['succeeded'])).toEqual([job_id]);
    state.writesLeft = Number.POSITIVE_INFINITY;
    expect(await idsOf(registry, ['succeeded'], true)).toEqual([job_id]);
    state.reads = 0;
    expect(await idsOf(registry, ['running'])).toEqual([]);
    expect(state.reads).toBe(0);
  });

  it('ends a job whose note cannot be written, and refuses to reopen one whose note cannot be written', async () => {
    const memory = createMemoryObjectStore();
    let isDown = false;
    const put: ObjectStore['put'] = (key, bytes, condition) => {
      if (isDown && key.startsWith(keys.statusNotes)) throw new ModelOpsError('STORE_UNREACHABLE', 'down');
      return memory.put(key, bytes, condition);
    };
    const registry = open({ ...memory, put });
    const { job_id } = await registry.register(specOf(0), { tasks_total: 1, expected_outputs: null });
    isDown = true;
    expect((await finish(registry, job_id, 'partial')).status).toBe('partial');
    await expect(registry.transition(job_id, { reopen: 'resume' })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect((await registry.state(job_id)).status).toBe('partial');
    expect(await idsOf(registry, ['partial'])).toEqual([job_id]);
  });

  it('deletes a note that was written late; the note of a reopening that never happened costs a read', async () => {
    const { objects, state } = watched(createMemoryObjectStore());
    const registry = open(objects);
    const { job_id } = await registry.register(specOf(0), { tasks_total: 1, expected_outputs: null });
    const { moves } = await finish(registry, job_id, 'partial');
    await registry.transition(job_id, { reopen: 'resume' });
    const ended = await registry.transition(job_id, { to: 'failed' });
    const late = keys.statusNote('partial', job_id, moves);
    await objects.put(late, new Uint8Array());
    expect(await idsOf(registry, ['partial'], true)).toEqual([]);
    expect(await objects.head(late)).toBeUndefined();
    await objects.put(keys.statusNote('again', job_id, ended.moves + 1), new Uint8Array());
    for (const listing of [1, 2]) {
      Object.assign(state, { reads: 0, writesLeft: 0 });
      expect(await idsOf(registry, ['failed']), `listing ${listing}`).toEqual([job_id]);
      expect(state.reads).toBe(1);
    }
  });

  it('has no notes of a deleted job', async () => {
    const objects = createMemoryObjectStore();
    const registry = open(objects);
    const { job_id } = await registry.register(specOf(0), { tasks_total: 1, expected_outputs: null });
    await finish(registry, job_id, 'partial');
    await registry.transition(job_id, { reopen: 'resume' });
    await registry.transition(job_id, { to: 'cancelled' });
    await registry.remove(job_id);
    for await (const { key } of objects.list(keys.statusNotes)) expect(key).toBe('nothing');
  });

  it(
    'is correct after any history of moves by several writers, killed at any write',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ job: fc.nat(2), move: fc.nat(20), dies: fc.option(fc.nat(3), { nil: undefined }) }), { maxLength: 40 }),
          async (steps) => {
            const memory = createMemoryObjectStore();
            const truth = open(memory);
            const jobs: JobId[] = [];
            for (const second of [0, 1, 2])
              jobs.push((await truth.register(specOf(second), { tasks_total: 1, expected_outputs: null })).job_id);
            for (const { job, move, dies } of steps) {
              const { objects, state } = watched(memory);
              state.writesLeft = dies ?? Number.POSITIVE_INFINITY;
              const event =
                move < STATUSES.length ? { to: STATUSES[move]! } : ({ reopen: move % 2 === 0 ? 'resume' : 'revalidate' } as const);
              await open(objects)
                .transition(jobs[job]!, event)
                .catch(() => undefined);
              for (const status of STATUSES) {
                const expected: JobId[] = [];
                for (const id of [...jobs].reverse()) if ((await truth.state(id)).status === status) expected.push(id);
                expect(await idsOf(open(memory), [status])).toEqual(expected);
              }
            }
          },
        ),
        { numRuns: 60 },
      ),
    120_000,
  );

  it('is correct for a job that several writers reopen and end at once', async () => {
    const memory = createMemoryObjectStore();
    const registry = open(memory);
    const { job_id } = await registry.register(specOf(0), { tasks_total: 1, expected_outputs: null });
    await finish(registry, job_id, 'partial');
    for (let round = 0; round < 30; round++) {
      const events = [{ reopen: 'resume' }, { to: 'cancelled' }, { reopen: 'resume' }, { to: 'failed' }] as const;
      await Promise.allSettled(events.map((event) => open(memory).transition(job_id, event)));
      const { status } = await registry.state(job_id);
      expect(await idsOf(registry, [status])).toEqual([job_id]);
      expect(
        await idsOf(
          registry,
          STATUSES.filter((other) => other !== status),
        ),
      ).toEqual([]);
    }
  });
});
