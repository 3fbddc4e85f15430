import { keys, planAttempt } from '@modelops/contracts';
import { makeModel } from '@modelops/model-host/testing';
import { createMemoryObjectStore, readAttribution } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import type { ChunkDone } from './chunk/done-records.ts';
import { donesOf, makeJob, makeStores, rowsOf, startJob, upTo, work } from './testing/made-jobs.ts';

const X = 'return { out: { x: Float64Array.of(values.x), seed_text: [String(seed)] } };';
const SUM = { sum: 'return { loss: columns.x.reduce((a, b) => a + b, 0), diagnostics: {}, n_replicates: rows.length };' };

const total = (dones: readonly ChunkDone[], field: 'computed' | 'reused' | 'tasks') => dones.reduce((sum, done) => sum + done[field], 0);

describe('runWorker', () => {
  it('runs every task of the plan once, aggregates, finalises and returns a report', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 12, replicates: 5, targets: ['sum'] });
    const plan = await startJob(job, stores);
    const chunks = await work({ job, plan, load: makeModel({ simulate: X, targets: SUM }), slots: 2 }, stores);
    expect(chunks).toBe(plan.chunks.length);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(60), failed: [] });
    expect(await stores.registry.state(job.id)).toMatchObject({ status: 'succeeded', tasks_verified: 60, missing_outputs: { count: 0 } });
    const dones = await donesOf(job, stores);
    expect([dones.length, total(dones, 'computed'), total(dones, 'reused')]).toEqual([plan.chunks.length, 60, 0]);
    const losses = [...(await stores.provenance.aggregations(job.aggs('sum'))).values()].map(({ loss }) => loss).sort((a, b) => a! - b!);
    expect(losses).toEqual(upTo(12).map((x) => 5 * x));
  });

  it('gives the model the seeds of the study', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 3, replicates: 4 });
    await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate: X }) }, stores);
    const { table } = await stores.provenance.readOutput(
      job.sims,
      upTo(12).map((task) => job.tasks.idAt(task)),
      'out',
    );
    expect(table.columns[1]!.values).toEqual(upTo(12).map((task) => String(job.tasks.seedAt(task))));
  });

  it('shares the chunks among concurrent workers; one of them finalises, and every task has one result', async () => {
    const objects = createMemoryObjectStore();
    const job = makeJob({ sets: 40, replicates: 3, targets: ['sum'] });
    const plan = await startJob(job, makeStores(objects), { width: 4 });
    const load = makeModel({ simulate: X, targets: SUM });
    const done = await Promise.all(upTo(4).map((index) => work({ job, plan, load, index }, makeStores(objects))));
    expect(done.reduce((a, b) => a + b, 0)).toBe(plan.chunks.length);
    const stores = makeStores(objects);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(120), failed: [] });
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
  });

  it('computes no task that another job has computed, and attributes every task', async () => {
    const objects = createMemoryObjectStore();
    const load = makeModel({ simulate: X });
    const first = makeJob({ id: 'job-1', sets: 4, replicates: 3 });
    await work({ job: first, plan: await startJob(first, makeStores(objects)), load }, makeStores(objects));
    const second = makeJob({ id: 'job-2', sets: 6, replicates: 3 });
    const plan = await startJob(second, makeStores(objects));
    const stores = makeStores(objects);
    await work({ job: second, plan, load }, stores);
    const dones = await donesOf(second, stores);
    expect([total(dones, 'computed'), total(dones, 'reused')]).toEqual([6, 12]);
    expect(await rowsOf(second, stores)).toEqual({ ok: upTo(18), failed: [] });
    const sources = new Map<string, string>();
    for (const [chunk] of plan.chunks.entries())
      for await (const row of readAttribution(objects, keys.attribution(second.id, 1, chunk))) sources.set(row.task_id, row.source);
    expect(upTo(18).map((task) => sources.get(second.tasks.idAt(task)))).toEqual(
      upTo(18).map((task) => (task < 12 ? 'reused' : 'computed')),
    );
  });

  it('never shares a result between two versions of the code', async () => {
    const stores = makeStores();
    for (const [id, code] of [
      ['job-1', 'a'],
      ['job-2', 'b'],
    ] as const) {
      const job = makeJob({ id, code, sets: 2, replicates: 2 });
      await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate: X }) }, stores);
      expect(total(await donesOf(job, stores), 'computed')).toBe(4);
    }
  });

  it('aggregates sets that are split over chunks and workers, in the order of replicates', async () => {
    const objects = createMemoryObjectStore();
    const job = makeJob({ sets: 2, replicates: 40, targets: ['last'] });
    const plan = await startJob(job, makeStores(objects), { width: 2 });
    expect(plan.chunks.length).toBeGreaterThan(20);
    const load = makeModel({
      simulate: X,
      targets: {
        last: 'return { loss: rows.length + Number(columns.seed_text.at(-1)) / 2 ** 33, diagnostics: {}, n_replicates: rows.length }',
      },
    });
    await Promise.all([0, 1].map((index) => work({ job, plan, load, index }, makeStores(objects))));
    const stores = makeStores(objects);
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
    const losses = [...(await stores.provenance.aggregations(job.aggs('last'))).values()].map(({ loss }) => loss!).sort();
    expect(losses).toEqual([39, 79].map((task) => 40 + Number(job.tasks.seedAt(task)) / 2 ** 33).sort());
  });

  it('gives the same values and losses, bit by bit, for 1, 2 and 8 slots and chunks of any size', async () => {
    const load = makeModel({
      simulate: 'return { out: { x: Float64Array.of(Math.sin(Number(seed)) * 10 ** (Number(seed) % 30)) } };',
      targets: SUM,
    });
    const outcome = async (slots: number, width: number) => {
      const stores = makeStores();
      const job = makeJob({ sets: 3, replicates: 40, targets: ['sum'] });
      const plan = await startJob(job, stores, { width });
      await work({ job, plan, load, slots }, stores);
      const ids = upTo(120).map((task) => job.tasks.idAt(task));
      const { table } = await stores.provenance.readOutput(job.sims, ids, 'out');
      const losses = [...(await stores.provenance.aggregations(job.aggs('sum'))).values()].map(({ param_id, loss }) => [param_id, loss]);
      return { chunks: plan.chunks.length, values: [...(table.columns[0]!.values as Float64Array)], losses: losses.sort() };
    };
    const { chunks, ...one } = await outcome(1, 1);
    const others = [await outcome(2, 1), await outcome(8, 1), await outcome(1, 2), await outcome(8, 8)];
    for (const other of others) expect(other).toMatchObject(one);
    expect(one.losses).toHaveLength(3);
    expect(new Set([chunks, ...others.map((other) => other.chunks)]).size).toBeGreaterThan(1);
  });

  it('records failures and ends the job as partial; the same attempt does not retry exceptions', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 8, replicates: 2, targets: ['sum'] });
    await work(
      {
        job,
        plan: await startJob(job, stores),
        load: makeModel({ simulate: `if (values.x === 5) throw new RangeError('five'); ${X}`, targets: SUM }),
      },
      stores,
    );
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(16).filter((task) => task < 10 || task > 11), failed: [10, 11] });
    expect(await stores.registry.state(job.id)).toMatchObject({ status: 'partial', tasks_verified: 14, missing_outputs: { count: 3 } });
    expect((await stores.provenance.failures(job.sims)).map(({ error }) => JSON.parse(error!))).toMatchObject(
      Array(2).fill({ kind: 'exception', type: 'RangeError', message: 'five' }),
    );
    expect((await stores.provenance.aggregations(job.aggs('sum'))).size).toBe(7);
  });

  it('ends a job as failed if no task succeeded, even if every worker exited with 0', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 2, replicates: 2 });
    await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate: `throw new Error('never')` }) }, stores);
    expect(await stores.registry.state(job.id)).toMatchObject({ status: 'failed', tasks_verified: 0 });
  });

  it('aggregates a set with missing replicates if min_replicates allows it', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 4, replicates: 4, targets: ['count'], min_replicates: 3 });
    // Set 1 loses one replicate, set 2 loses two.
    const bad = [4, 8, 9].map((task) => String(job.tasks.seedAt(task)));
    const simulate = `if (${JSON.stringify(bad)}.includes(String(seed))) throw new Error('bad seed'); ${X}`;
    const targets = { count: 'return { loss: rows.length, diagnostics: {}, n_replicates: rows.length };' };
    await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate, targets }) }, stores);
    const losses = [...(await stores.provenance.aggregations(job.aggs('count'))).values()].map(({ loss }) => loss).sort();
    expect(losses).toEqual([3, 4, 4]);
    expect((await stores.registry.state(job.id)).status).toBe('partial');
  });

  it('resumes exactly the missing tasks', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 6, replicates: 2, targets: ['sum'] });
    await work(
      {
        job,
        plan: await startJob(job, stores),
        load: makeModel({ simulate: `if (values.x > 3) throw new Error('later'); ${X}`, targets: SUM }),
      },
      stores,
    );
    const before = total(await donesOf(job, stores), 'computed');
    const plan = await startJob(job, stores, { n: 2, tasks: [8, 9, 10, 11] });
    await work({ job, plan, load: makeModel({ simulate: X, targets: SUM }) }, stores);
    expect(total(await donesOf(job, stores), 'computed')).toBe(before + 4);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(12), failed: [8, 9, 10, 11] });
    expect((await stores.registry.state(job.id)).status).toBe('succeeded');
  });

  it('retries an evaluation whose host crashed, and not one whose target threw', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 1, replicates: 2, targets: ['sum', 'bad'] });
    const bad = `throw new Error('no overlap')`;
    await work(
      { job, plan: await startJob(job, stores), load: makeModel({ simulate: X, targets: { sum: 'process.exit(4)', bad } }) },
      stores,
    );
    expect((await stores.registry.state(job.id)).status).toBe('partial');
    const before = [...(await stores.provenance.aggregations(job.aggs('sum'))).values()];
    expect(before).toMatchObject([{ loss: null, reason: expect.stringMatching(/^Exit: the model host exited with status 4/) }]);
    const plan = { ...planAttempt(2, [{ ...job.tasks.groupAt(0), missing: [] }], { workers: 1, slots: 1 }) };
    await startJob(job, stores, { n: 2, tasks: [0] });
    await work({ job, plan, load: makeModel({ simulate: X, targets: { ...SUM, bad } }) }, stores);
    expect([...(await stores.provenance.aggregations(job.aggs('sum'))).values()]).toMatchObject([{ loss: 0, reason: null }]);
    expect([...(await makeStores(stores.objects).provenance.aggregations(job.aggs('sum'))).values()]).toMatchObject([{ loss: 0 }]);
    expect([...(await stores.provenance.aggregations(job.aggs('bad'))).values()]).toMatchObject([
      { loss: null, reason: 'Error: no overlap' },
    ]);
  });

  it('fails tasks whose columns differ from those of the other tasks, and completes the sets of the others', async () => {
    const stores = makeStores();
    const job = makeJob({ sets: 4, replicates: 60, targets: ['sum'] });
    const simulate = `return { out: values.x === 1 ? { other: ['text'] } : { x: Float64Array.of(values.x) } };`;
    await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate, targets: SUM }) }, stores);
    const { ok, failed } = await rowsOf(job, stores);
    expect([ok, failed]).toEqual([upTo(240).filter((task) => task < 60 || task >= 120), upTo(120).slice(60)]);
    const rows = [...(await stores.provenance.aggregations(job.aggs('sum'))).values()];
    expect(rows.filter(({ loss }) => loss !== null)).toHaveLength(3);
  });

  it.each([
    ['names', '{ other: Float64Array.of(1) }'],
    ['types', `{ x: ['text'] }`],
  ])(
    'fails exactly the tasks whose columns have other %s than the first task, also if one of them is the first of its batch',
    async (_, bad) => {
      const stores = makeStores();
      const job = makeJob({ sets: 1, replicates: 60 });
      const simulate = `return { out: BigInt(seed) % 2n === 0n ? ${bad} : { x: Float64Array.of(values.x) } };`;
      await work({ job, plan: await startJob(job, stores), load: makeModel({ simulate }) }, stores);
      const isEven = (task: number) => BigInt(job.tasks.seedAt(task)) % 2n === 0n;
      const { ok, failed } = await rowsOf(job, stores);
      expect(ok).toEqual(upTo(60).filter((task) => isEven(task) === isEven(0)));
      expect(failed).toEqual(upTo(60).filter((task) => isEven(task) !== isEven(0)));
    },
  );
});
