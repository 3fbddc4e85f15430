import { type JobId, type JobSpec, keys } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createJobRegistry } from './create-job-registry.ts';
import type { JobFilter, JobRegistry } from './job-registry.ts';
import { DIGEST, START, specAt } from './testing/specs.ts';

const MINUTE = 60_000;
const TOTALS = { tasks_total: 6, expected_outputs: { simulations: 6, aggregations: 2, digest: DIGEST } };

interface Made {
  readonly at?: number;
  readonly random?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly name?: string;
}

const specOf = ({ at = START, ...change }: Made = {}): JobSpec => specAt(at, change);

function open(objects: ObjectStore = createMemoryObjectStore()) {
  const clock = { now: START };
  return { objects, clock, registry: createJobRegistry(objects, { now: () => new Date(clock.now) }) };
}

async function listed(registry: JobRegistry, filter?: JobFilter): Promise<JobId[]> {
  const found: JobId[] = [];
  for await (const { job_id } of registry.list(filter)) found.push(job_id);
  return found;
}

async function registerThree(registry: JobRegistry): Promise<[JobId, JobId, JobId]> {
  const specs = [0, 1, 2].map((minute) => specOf({ at: START + minute * MINUTE, labels: { minute: `${minute}`, team: 'epi' } }));
  for (const spec of [specs[1]!, specs[0]!, specs[2]!]) await registry.register(spec, TOTALS);
  return [specs[0]!.job_id, specs[1]!.job_id, specs[2]!.job_id];
}

describe('register', () => {
  it('keeps the spec and a pending record', async () => {
    const { registry } = open();
    const spec = specOf({ labels: { team: 'epi' } });
    const state = await registry.register(spec, TOTALS);
    expect(state).toMatchObject({ status: 'pending', name: 'sweep', labels: { team: 'epi' }, ...TOTALS });
    expect(await registry.spec(spec.job_id)).toEqual(spec);
    expect(await registry.state(spec.job_id)).toEqual(state);
  });

  it('changes nothing the second time', async () => {
    const { registry } = open();
    const spec = specOf();
    await registry.register(spec, TOTALS);
    const moved = await registry.transition(spec.job_id, { to: 'submitting' });
    expect(await registry.register(spec, TOTALS)).toEqual(moved);
    expect(await listed(registry)).toEqual([spec.job_id]);
  });

  it('writes a record that is missing after a crash', async () => {
    const { objects, registry } = open();
    const spec = specOf();
    await registry.register(spec, TOTALS);
    await objects.delete(keys.state(spec.job_id));
    await expect(registry.state(spec.job_id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(await registry.register(spec, TOTALS)).toMatchObject({ status: 'pending' });
  });

  it('refuses another job under the same id', async () => {
    const { registry } = open();
    await registry.register(specOf(), TOTALS);
    await expect(registry.register(specOf({ name: 'another' }), TOTALS)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('transitions and named updates', () => {
  it('moves the record with its history, time and fields', async () => {
    const { clock, registry } = open();
    const { job_id } = specOf();
    await registry.register(specOf(), TOTALS);
    clock.now += MINUTE;
    const state = await registry.transition(job_id, { to: 'submitting' }, { reason: 'requested' });
    const at = new Date(clock.now).toISOString();
    expect(state).toMatchObject({ status: 'submitting', updated_at: at });
    expect(state.history).toEqual([{ from: 'pending', to: 'submitting', at, reason: 'requested' }]);
    expect(await registry.state(job_id)).toEqual(state);
  });

  it('refuses an illegal transition and does not change the record', async () => {
    const { registry } = open();
    const held = await registry.register(specOf(), TOTALS);
    await expect(registry.transition(held.job_id, { to: 'succeeded' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect(await registry.state(held.job_id)).toEqual(held);
  });

  it('lets one of two concurrent writers end the job', async () => {
    const { registry } = open();
    const { job_id } = await registry.register(specOf(), TOTALS);
    const moves = await Promise.allSettled([1, 2].map(() => registry.transition(job_id, { to: 'cancelled' })));
    expect(moves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('keeps the fields of a later version', async () => {
    const { objects, registry } = open();
    const { job_id } = await registry.register(specOf(), TOTALS);
    const text = new TextDecoder().decode((await objects.get(keys.state(job_id)))!.bytes);
    const future = { ...JSON.parse(text), schema_version: 9, priority: { tier: 2 }, missing_outputs: { count: 0, first: [], why: 'x' } };
    await objects.put(keys.state(job_id), new TextEncoder().encode(JSON.stringify(future)));
    await registry.transition(job_id, { to: 'submitting' });
    await registry.failValidation(job_id, 'disk full');
    const raw = JSON.parse(new TextDecoder().decode((await objects.get(keys.state(job_id)))!.bytes));
    expect(raw).toMatchObject({
      schema_version: 9,
      priority: { tier: 2 },
      missing_outputs: { why: 'x' },
      last_validation_error: 'disk full',
    });
    expect(raw.status).toBe('submitting');
  });

  it('ignores unknown fields in a spec of a later version', async () => {
    const { objects, registry } = open();
    const spec = specOf();
    await registry.register(spec, TOTALS);
    const later = { ...spec, urgent: true, study: { ...spec.study, priority: 3 }, binding: { ...spec.binding, gpu: 1 } };
    await objects.put(keys.spec(spec.job_id), new TextEncoder().encode(JSON.stringify(later)));
    expect(await registry.spec(spec.job_id)).toEqual(spec);
  });

  it('names a job that does not exist', async () => {
    const { registry } = open();
    const { job_id } = specOf();
    const absent = { code: 'JOB_NOT_FOUND', message: expect.stringContaining(job_id) };
    await expect(registry.state(job_id)).rejects.toMatchObject(absent);
    await expect(registry.spec(job_id)).rejects.toMatchObject(absent);
    await expect(registry.transition(job_id, { to: 'submitting' })).rejects.toMatchObject(absent);
    await expect(registry.failValidation(job_id, 'x')).rejects.toMatchObject(absent);
  });

  it('reports an unreadable record as corrupt', async () => {
    const { objects, registry } = open();
    const { job_id } = await registry.register(specOf(), TOTALS);
    for (const text of ['{"job_id":', '{"status":"elsewhere"}']) {
      await objects.put(keys.state(job_id), new TextEncoder().encode(text));
      await expect(registry.state(job_id)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    }
  });
});

describe('list', () => {
  it('ends with the error of an unreadable record, or reports it and yields the others', async () => {
    const { objects, registry } = open();
    const [first, second, third] = await registerThree(registry);
    await objects.put(keys.state(second), new TextEncoder().encode('{"job_id":'));
    await expect(listed(registry)).rejects.toMatchObject({ code: 'STORE_CORRUPT', hint: expect.stringMatching(/later version/) });
    const unreadable: [JobId, string][] = [];
    const onUnreadable: JobFilter['onUnreadable'] = (id, { code }) => void unreadable.push([id, code]);
    expect(await listed(registry, { onUnreadable })).toEqual([third, first]);
    expect(unreadable).toEqual([[second, 'STORE_CORRUPT']]);
  });

  it('yields the newest first', async () => {
    const { registry } = open();
    const [first, second, third] = await registerThree(registry);
    expect(await listed(registry)).toEqual([third, second, first]);
    expect(await listed(registry, { limit: 2 })).toEqual([third, second]);
    expect(await listed(registry, { limit: 0 })).toEqual([]);
  });

  it('filters by status, labels and time', async () => {
    const { registry } = open();
    const [first, second, third] = await registerThree(registry);
    await registry.transition(second, { to: 'cancelled' });
    expect(await listed(registry, { status: ['cancelled'] })).toEqual([second]);
    expect(await listed(registry, { status: ['cancelled', 'pending'], limit: 2 })).toEqual([third, second]);
    expect(await listed(registry, { label: { minute: '0' } })).toEqual([first]);
    expect(await listed(registry, { label: { minute: '0', team: 'other' } })).toEqual([]);
    expect(await listed(registry, { since: new Date(START + MINUTE) })).toEqual([third, second]);
    expect(await listed(registry, { until: new Date(START + MINUTE) })).toEqual([second, first]);
    expect(await listed(registry, { since: new Date(START + 1), until: new Date(START + 2 * MINUTE - 1) })).toEqual([second]);
  });

  it('continues after the last job of a page', async () => {
    const { registry } = open();
    const [first, second, third] = await registerThree(registry);
    expect(await listed(registry, { limit: 1, after: third })).toEqual([second]);
    expect(await listed(registry, { after: second })).toEqual([first]);
    expect(await listed(registry, { after: first })).toEqual([]);
  });

  it('yields every job once over pages of any size, in order of time', async () => {
    const { registry } = open();
    const made: JobId[] = [];
    for (let at = 0; at < 50; at++) made.push((await registry.register(specOf({ at: START + at * 1000 }), TOTALS)).job_id);
    for (const limit of [1, 7, 16, 17, 50, 60]) {
      const found: JobId[] = [];
      for (;;) {
        const page = await listed(registry, { limit, ...(found.length === 0 ? {} : { after: found.at(-1)! }) });
        if (page.length === 0) break;
        found.push(...page);
      }
      expect(found).toEqual([...made].reverse());
    }
  });

  it('reads one name per job, for any number of objects, and ignores names that are not jobs', async () => {
    const objects = createMemoryObjectStore();
    let names = 0;
    const list: ObjectStore['list'] = async function* (...given) {
      for await (const item of objects.list(...given)) {
        names++;
        yield item;
      }
    };
    const { registry } = open({ ...objects, list });
    const jobs = await registerThree(registry);
    for (const job of jobs) for (let chunk = 0; chunk < 200; chunk++) await objects.put(keys.claim(job, 1, chunk), new Uint8Array());
    await objects.put('jobs/README', new Uint8Array());
    await objects.put('jobs/Not-A-Job/state.json', new Uint8Array());
    expect(await listed(registry)).toEqual([...jobs].reverse());
    expect(names).toBe(5);
  });

  it('reads only the records that a page needs, in batches of 16', async () => {
    const objects = createMemoryObjectStore();
    let reads = 0;
    const get: ObjectStore['get'] = (...given) => {
      reads++;
      return objects.get(...given);
    };
    const { registry } = open({ ...objects, get });
    for (let at = 0; at < 100; at++) await registry.register(specOf({ at: START + at * 1000 }), TOTALS);
    reads = 0;
    expect(await listed(registry, { limit: 5 })).toHaveLength(5);
    expect(reads).toBe(5);
    for await (const { status } of registry.list({ status: ['pending'] })) if (status === 'pending') break;
    expect(reads).toBe(21);
  });

  it('does not read records whose id is outside the requested time', async () => {
    const objects = createMemoryObjectStore();
    const read: string[] = [];
    const { registry } = open({
      ...objects,
      get: (key, range) => {
        read.push(key);
        return objects.get(key, range);
      },
    });
    const [, , third] = await registerThree(registry);
    read.length = 0;
    await listed(registry, { since: new Date(START + 2 * MINUTE) });
    expect(read).toEqual([keys.state(third)]);
  });
});

describe('resolve', () => {
  it('finds a job by the beginning of its id, with or without job-', async () => {
    const { registry } = open();
    const [first] = await registerThree(registry);
    expect(await registry.resolve(first)).toBe(first);
    expect(await registry.resolve(first.slice(0, -1).replace(/^job-/, ''))).toBe(first);
  });

  it('names the candidates of an ambiguous prefix', async () => {
    const { registry } = open();
    const [first, second] = await registerThree(registry);
    const refusal = { code: 'CONFLICT', message: expect.stringMatching(new RegExp(`3 jobs: ${first}, ${second}`)) };
    await expect(registry.resolve(first.slice(0, 8))).rejects.toMatchObject(refusal);
    for (let minute = 3; minute < 6; minute++) await registry.register(specOf({ at: START + minute * MINUTE }), TOTALS);
    await expect(registry.resolve(first.slice(0, 8))).rejects.toMatchObject({ message: expect.stringMatching(/6 jobs: .*, …$/) });
  });

  it('accepts a whole id that is the beginning of another', async () => {
    const { objects, registry } = open();
    const { job_id, ...state } = await registry.register(specOf(), TOTALS);
    await objects.put(keys.state(`${job_id}x` as JobId), new TextEncoder().encode(JSON.stringify({ ...state, job_id: `${job_id}x` })));
    expect(await registry.resolve(job_id)).toBe(job_id);
  });

  it('distinguishes an unknown prefix from an invalid one', async () => {
    const { registry } = open();
    await registerThree(registry);
    await expect(registry.resolve('zzzz')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await expect(registry.resolve('../x')).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
  });
});
