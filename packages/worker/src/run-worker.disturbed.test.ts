import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keys } from '@modelops/contracts';
import { LoadFailed } from '@modelops/model-host';
import { makeFolder, makeModel, nodeHosts } from '@modelops/model-host/testing';
import { createMemoryObjectStore, type ObjectStore } from '@modelops/store';
import { describe, expect, it, vi } from 'vitest';
import { fatalTargets, openCaution } from './caution.ts';
import type { Job, Stores } from './job-context.ts';
import { donesOf, makeJob, makeStores, rowsOf, startJob, upTo, work } from './testing/made-jobs.ts';

const X = 'return { out: { x: Float64Array.of(values.x) } };';

describe('runWorker, disturbed', () => {
  it('on SIGTERM writes its finished results, releases its chunk, and leaves the rest to its next start', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 1, replicates: 40 });
    const plan = await startJob(job, stores);
    const stop = new AbortController();
    const simulate = `const end = performance.now() + 20; while (performance.now() < end); ${X}`;
    const load = makeModel({ simulate });
    const ended = work({ job, plan, load, signal: stop.signal, log: (line) => void (/^chunk/.test(line) && stop.abort()) }, stores);
    await ended;
    const before = await rowsOf(job, makeStores(stores.objects));
    expect(before.ok.length).toBeGreaterThan(0);
    expect(before.ok.length).toBeLessThan(40);
    expect((await stores.registry.state(job.id)).status).toBe('running');
    for (const { chunk, isDone } of await claimsOf(job, stores)) expect([chunk, isDone]).toEqual([chunk, true]);
    await work({ job, plan, load }, makeStores(stores.objects));
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(40), failed: [] });
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
  });

  it('runs a crashed chunk one task at a time, skips the task that killed it, and blames no other task', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 4, replicates: 4 });
    const plan = await startJob(job, stores);
    // The worker died in its first chunk; then again while task 2 was announced.
    await stores.objects.put(keys.claim(job.id, 1, 0), Buffer.from(JSON.stringify({ index: 0, host: 'dead', at: '' })));
    await stores.objects.put(keys.caution(job.id, 1, 0), Buffer.from(JSON.stringify({ task: 2, fatal: [] })));
    expect(plan.chunks[0]).toEqual([[0, 4]]);
    await work({ job, plan, load: makeModel({ simulate: X }) }, stores);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(16).filter((task) => task !== 2), failed: [2] });
    expect((await stores.registry.state(job.id)).status).toBe('partial');
    expect((await donesOf(job, stores)).flatMap((done) => Object.entries(done.failed))).toEqual([['crash', 1]]);
    const caution = JSON.parse(Buffer.from((await stores.objects.get(keys.caution(job.id, 1, 0)))!.bytes).toString());
    expect(caution.task).toBeNull();
  });

  it('runs the chunks in which its worker died alone, whatever its slots', async () => {
    const objects = createMemoryObjectStore();
    const made = nodeHosts();
    let started = 0;
    const hosts: typeof made = {
      ...made,
      start: (load) => {
        started++;
        return made.start(load);
      },
    };
    /** By chunk, how many hosts the worker had started when the chunk was done. */
    const startedAt = new Map<string, number>();
    const watched: ObjectStore = {
      ...objects,
      put: (key, bytes, condition) => {
        if (key.startsWith(keys.dones(job.id, 1))) startedAt.set(key.slice(keys.dones(job.id, 1).length), started);
        return objects.put(key, bytes, condition);
      },
    };
    const stores = makeStores(watched);
    const job = makeJob({ sets: 8, replicates: 2 });
    const plan = await startJob(job, stores);
    expect(plan.chunks.slice(0, 2)).toEqual([[[0, 2]], [[2, 4]]]);
    for (const chunk of [0, 1])
      await objects.put(keys.claim(job.id, 1, chunk), Buffer.from(JSON.stringify({ index: 0, host: 'dead', at: '' })));
    await work({ job, plan, load: makeModel({ simulate: X }), slots: 3, hosts }, stores);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(16), failed: [] });
    const done = [0, 1].map((chunk) => startedAt.get(keys.done(job.id, 1, chunk).slice(keys.dones(job.id, 1).length)));
    expect({ done, started }).toEqual({ done: [1, 1], started: 1 + 3 });
  });

  it('announces no task while a target is evaluated: what the target kills is not blamed on a task', async () => {
    const objects = createMemoryObjectStore();
    const evaluating = join(makeFolder(), 'evaluating');
    const beside: string[] = [];
    let announced = 0;
    const watched: ObjectStore = {
      ...objects,
      put: async (key, bytes, condition) => {
        if (key.includes('/caution/') && !Buffer.from(bytes).includes('"task":null')) {
          announced++;
          if (existsSync(evaluating)) beside.push(key);
        }
        return objects.put(key, bytes, condition);
      },
    };
    const stores = makeStores(watched);
    const job = makeJob({ sets: 8, replicates: 2, targets: ['slow'] });
    const plan = await startJob(job, stores);
    for (const chunk of [0, 1, 2])
      await objects.put(keys.claim(job.id, 1, chunk), Buffer.from(JSON.stringify({ index: 0, host: 'dead', at: '' })));
    const slow = `writeFileSync(${JSON.stringify(evaluating)}, '');
      const end = performance.now() + 100; while (performance.now() < end);
      rmSync(${JSON.stringify(evaluating)});
      return { loss: 1, diagnostics: {}, n_replicates: 1 };`;
    const load = makeModel({ head: "import { rmSync, writeFileSync } from 'node:fs';", simulate: X, targets: { slow } });
    await work({ job, plan, load }, stores);
    expect({ announced, beside }).toEqual({ announced: 6, beside: [] });
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
  });

  it('blames no task for the loss of its machine, and the same task for the loss of a second one', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 2, replicates: 2 });
    await startJob(job, stores);
    const open = (boot: string) => openCaution(job, 1, 0, { stores, worker: 'w', boot });
    await (await open('boot-1')).announce({ task: 1 }); // and the machine is lost
    expect((await open('boot-2')).fatal).toEqual(new Set());
    await (await open('boot-2')).announce({ task: 0 });
    expect((await open('boot-3')).fatal).toEqual(new Set());
    await (await open('boot-3')).announce({ task: 1 });
    expect((await open('boot-4')).fatal).toEqual(new Set([1]));
    await (await open('boot-4')).announce({ task: 2 }); // and the worker was killed, the machine was not
    expect((await open('boot-4')).fatal).toEqual(new Set([1, 2]));
    expect((await rowsOf(job, stores)).failed).toEqual([1, 2]);
  });

  it('blames no task for an eviction: SIGTERM during an announced task clears the announcement', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 4, replicates: 2 });
    const plan = await startJob(job, stores);
    await stores.objects.put(keys.claim(job.id, 1, 0), Buffer.from(JSON.stringify({ index: 0, host: 'dead', at: '' })));
    const reached = join(makeFolder(), 'reached');
    const head = "import { writeFileSync } from 'node:fs';";
    const endless = makeModel({ head, simulate: `writeFileSync(${JSON.stringify(reached)}, ''); for (;;);` });
    const stop = new AbortController();
    const ended = work({ job, plan, load: endless, signal: stop.signal }, stores);
    await vi.waitFor(() => expect(existsSync(reached)).toBe(true), { timeout: 30_000 });
    const caution = async () => JSON.parse(Buffer.from((await stores.objects.get(keys.caution(job.id, 1, 0)))!.bytes).toString());
    expect(await caution()).toMatchObject({ task: 0 });
    stop.abort();
    await ended;
    expect(await caution()).toMatchObject({ task: null, fatal: [], lost: [] });
    await stores.objects.put(keys.claim(job.id, 1, 0), Buffer.from(JSON.stringify({ index: 0, host: 'evicted', at: '' })));
    await work({ job, plan, load: makeModel({ simulate: X }) }, makeStores(stores.objects));
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(8), failed: [] });
  });

  it('names a target that kills its worker, evaluates it no more, and blames no task', async () => {
    const objects = createMemoryObjectStore();
    const stores = makeStores(objects);
    const job = makeJob({ sets: 2, replicates: 2, targets: ['deadly', 'fine'] });
    const plan = await startJob(job, stores);
    await objects.put(keys.claim(job.id, 1, 0), Buffer.from(JSON.stringify({ index: 0, host: 'dead', at: '' })));
    const evaluated = join(makeFolder(), 'evaluated');
    const fine = 'return { loss: 1, diagnostics: {}, n_replicates: 2 };';
    const deadly = `writeFileSync(${JSON.stringify(evaluated)}, ''); ${fine}`;
    const load = makeModel({ head: "import { writeFileSync } from 'node:fs';", simulate: X, targets: { deadly, fine } });
    await (await openCaution(job, 1, 0, { stores, worker: 'w' })).announce({ target: 'deadly' }); // and its worker was killed
    await work({ job, plan, load }, stores);
    expect(existsSync(evaluated)).toBe(false);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(4), failed: [] });
    const state = await stores.registry.state(job.id);
    expect(state).toMatchObject({ status: 'partial', tasks_verified: 4, missing_outputs: { count: 2 } });
    expect([...(await stores.provenance.aggregations(job.aggs('deadly'))).values()]).toMatchObject([
      { loss: null, reason: expect.stringMatching(/^WorkerKilled: the whole worker was killed while it evaluated target deadly/) },
      { loss: null },
    ]);
    expect([...(await stores.provenance.aggregations(job.aggs('fine'))).values()].map(({ loss }) => loss)).toEqual([1, 1]);
  });

  it('names a target that kills the worker that finalises, the next time', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 2, replicates: 2, targets: ['deadly'] });
    const plan = await startJob(job, stores);
    const open = (chunk: number, boot: string) => openCaution(job, 1, chunk, { stores, worker: 'w', boot });
    await (await open(plan.chunks.length, 'boot-1')).announce({ target: 'deadly' });
    expect((await open(plan.chunks.length, 'boot-2')).fatalTargets).toEqual(new Set());
    await (await open(plan.chunks.length, 'boot-2')).announce({ target: 'deadly' });
    expect((await open(plan.chunks.length, 'boot-2')).fatalTargets).toEqual(new Set(['deadly']));
    expect(await fatalTargets(job, 1, stores)).toEqual(new Set(['deadly']));
  });

  it('stops a host that exceeds the job’s memory limit per task, names the limit, and continues with the next task', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 4, replicates: 1, memory_mib: 300, max_attempts: 1 });
    const simulate = `if (values.x === 2) { const held = []; for (;;) held.push(Buffer.alloc(4 << 20, 1)); } ${X}`;
    await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate }) }, stores);
    expect(await rowsOf(job, stores)).toEqual({ ok: [0, 1, 3], failed: [2] });
    const [failure] = await stores.provenance.failures(job.sims);
    expect(JSON.parse(failure!.error!)).toMatchObject({
      kind: 'out_of_memory',
      message: expect.stringMatching(/^out of memory, limit 300 MiB: the model host had \d+ MiB/),
    });
  });

  it('does nothing for a job that has ended or was resumed', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 2, replicates: 2 });
    const plan = await startJob(job, stores);
    await stores.registry.transition(job.id, { to: 'cancelled' });
    const load = makeModel({ simulate: X });
    expect(await work({ job, plan, load }, stores)).toBe(0);
    const second = await startJob(job, stores, { n: 2 });
    expect(await work({ job, plan, load }, stores)).toBe(0);
    expect(await rowsOf(job, stores)).toEqual({ ok: [], failed: [] });
    expect((await stores.registry.state(job.id)).status).toBe('scheduled');
    expect(await work({ job, plan: second, load }, stores)).toBeGreaterThan(0);
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
  });

  it('claims no more chunks once the job is cancelled elsewhere', async () => {
    const objects = createMemoryObjectStore();
    let ahead = 0;
    const watched: ObjectStore = {
      ...objects,
      put: async (key, bytes, condition) => {
        const put = await objects.put(key, bytes, condition);
        if (key.startsWith(keys.dones(job.id, 1)) && ahead === 0) {
          ahead = 5_000; // the record is read once a second
          await makeStores(objects).registry.transition(job.id, { to: 'cancelled' });
        }
        return put;
      },
    };
    const stores = { ...makeStores(watched), now: () => Date.now() + ahead };
    const job = makeJob({ sets: 64, replicates: 1 });
    const plan = await startJob(job, stores);
    expect(plan.chunks.length).toBeGreaterThan(16);
    await work({ job, plan, load: makeModel({ simulate: X }) }, stores);
    // Chunks that ran while the first was written are written too.
    const done = (await donesOf(job, stores)).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(plan.chunks.length / 2);
    expect((await stores.registry.state(job.id)).status).toBe('cancelled');
  });

  it('releases its chunk if the model does not load', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 2, replicates: 2 });
    const plan = await startJob(job, stores);
    await expect(
      work({ job, plan, load: makeModel({ head: 'throw new Error("no licence")', simulate: X }), slots: 2 }, stores),
    ).rejects.toThrow(LoadFailed);
    expect(await claimsOf(job, stores)).toEqual([]);
  });

  it('leaves the next chunk to others while its own task runs', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 4, replicates: 1 });
    const plan = await startJob(job, stores);
    expect(plan.chunks.length).toBeGreaterThan(1);
    const reached = join(makeFolder(), 'reached');
    const head = "import { writeFileSync } from 'node:fs';";
    const load = makeModel({ head, simulate: `writeFileSync(${JSON.stringify(reached)}, ''); for (;;);` });
    const stop = new AbortController();
    const ended = work({ job, plan, load, signal: stop.signal }, stores);
    await vi.waitFor(() => expect(existsSync(reached)).toBe(true), { timeout: 30_000 });
    expect(await claimsOf(job, stores)).toHaveLength(1);
    stop.abort();
    await ended;
  });

  it('claims a chunk while the last tasks of the one before run, and releases it if it is stopped then', async () => {
    const objects = createMemoryObjectStore();
    const job = makeJob({ sets: 8, replicates: 4 });
    const stop = new AbortController();
    const [first, second] = [keys.claim(job.id, 1, 0), keys.claim(job.id, 1, 1)];
    const seen: string[] = [];
    const watched: ObjectStore = {
      ...objects,
      put: async (key, ...rest) => {
        if (key === second) stop.abort();
        if ([first, second].includes(key) || key.startsWith(keys.dones(job.id, 1))) seen.push(key);
        return objects.put(key, ...rest);
      },
    };
    const plan = await startJob(job, makeStores(objects));
    expect(plan.chunks.slice(0, 2)).toEqual([[[0, 4]], [[4, 8]]]);
    await work({ job, plan, load: makeModel({ simulate: X }), signal: stop.signal }, makeStores(watched));
    expect(seen).toEqual([first, second, `${keys.dones(job.id, 1)}${first.split('/').at(-1)}`]);
    expect(await claimsOf(job, makeStores(objects))).toEqual([{ chunk: first.split('/').at(-1), isDone: true }]);
  });

  it('ends with the error of the store, and its next start runs the tasks that were not written', async () => {
    const objects = createMemoryObjectStore();
    const job = makeJob({ sets: 8, replicates: 2 });
    const plan = await startJob(job, makeStores(objects));
    const load = makeModel({ simulate: X });
    let packs = 0;
    const broken: ObjectStore = {
      ...objects,
      put: async (key, bytes, condition) => {
        if (key.endsWith('/_index.parquet') && ++packs > 3) throw new Error('the disk is full');
        return objects.put(key, bytes, condition);
      },
    };
    await expect(work({ job, plan, load, slots: 2 }, makeStores(broken))).rejects.toThrow('the disk is full');
    expect((await rowsOf(job, makeStores(objects))).ok.length).toBeLessThan(16);
    const stores = makeStores(objects);
    await work({ job, plan, load }, stores);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(16), failed: [] });
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
  });
});

async function claimsOf(job: Job, { objects }: Stores): Promise<{ chunk: string; isDone: boolean }[]> {
  const claims: { chunk: string; isDone: boolean }[] = [];
  for await (const { key } of objects.list(keys.claims(job.id, 1))) {
    const chunk = key.slice(keys.claims(job.id, 1).length);
    claims.push({ chunk, isDone: (await objects.head(`${keys.dones(job.id, 1)}${chunk}`)) !== undefined });
  }
  return claims;
}
