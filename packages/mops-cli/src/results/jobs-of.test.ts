import { digestOf, type JobId, keys, logicalPath } from '@modelops/contracts';
import { attributionOf, type ObjectStore } from '@modelops/store';
import { createJob } from '@modelops/worker';
import { describe, expect, it } from 'vitest';
import { jobsOf } from './jobs-of.ts';
import { resolveResult } from './resolve-result.ts';
import { createWorld, MODEL, type World } from './testing/world.ts';

const OTHER = digestOf('other');
const SETS = [{ beta: 0.1 }, { beta: 0.2 }];

async function usesOf(world: World, task: string) {
  const { row } = await resolveResult(task, world.stores.objects);
  return (await jobsOf(row, world.stores)).map(({ job, source }) => [job, source]);
}

/** Writes fields into the record of a job. */
async function editRecord(objects: ObjectStore, id: JobId, fields: object): Promise<void> {
  const record = JSON.parse(new TextDecoder().decode((await objects.get(keys.state(id)))!.bytes));
  await objects.put(keys.state(id), new TextEncoder().encode(JSON.stringify({ ...record, ...fields })));
}

describe('jobsOf', () => {
  it('names the jobs that computed and reused a result, newest first', async () => {
    const world = createWorld();
    const first = await world.register({ sets: SETS, replicates: 2 });
    await world.compute(first, [0, 1, 2, 3]);
    const second = await world.register({ sets: [SETS[1]!, { beta: 0.3 }], replicates: 2 });
    await world.compute(second, [2, 3]);
    await world.attribute(second, 1, [0, 1], 'reused');
    expect(await usesOf(world, first.tasks.idAt(0))).toEqual([[first.id, 'computed']]);
    expect(await usesOf(world, first.tasks.idAt(2))).toEqual([
      [second.id, 'reused'],
      [first.id, 'computed'],
    ]);
    expect(await usesOf(world, second.tasks.idAt(3))).toEqual([[second.id, 'computed']]);
    expect([...(await attributionOf(world.stores.objects, second.id)).values()].sort()).toEqual([
      'computed',
      'computed',
      'reused',
      'reused',
    ]);
  });

  it('reports a job as having computed a result that its later attempt reused', async () => {
    const world = createWorld();
    const job = await world.register({ sets: SETS, replicates: 2 });
    await world.compute(job, [0, 1, 2]);
    await world.attribute(job, 2, [0, 1, 2], 'reused');
    expect(await usesOf(world, job.tasks.idAt(1))).toEqual([[job.id, 'computed']]);
    expect(await attributionOf(world.stores.objects, job.id)).toEqual(new Map([0, 1, 2].map((task) => [job.tasks.idAt(task), 'computed'])));
  });

  it('reports both jobs that computed the same task at once as computed', async () => {
    const world = createWorld();
    const [first, second] = [await world.register({ sets: SETS }), await world.register({ sets: SETS })];
    const pack = await world.compute(first, [0]);
    const later = await world.compute(second, [0]);
    expect(await usesOf(world, first.tasks.idAt(0))).toEqual([
      [second.id, 'computed'],
      [first.id, 'computed'],
    ]);
    expect((await resolveResult(first.tasks.idAt(0), world.stores.objects)).packs).toEqual([pack, later]);
  });

  it('finds who computed a result without attribution after a crash, and lists jobs that have not run yet', async () => {
    const world = createWorld();
    const first = await world.register({ sets: SETS });
    await world.compute(first, [0]);
    await world.stores.objects.delete(keys.attribution(first.id, 1, 0));
    const waiting = await world.register({ sets: SETS });
    expect(await usesOf(world, first.tasks.idAt(0))).toEqual([
      [waiting.id, null],
      [first.id, 'computed'],
    ]);
  });

  it('reports a job as reused that was validated when the result existed, even without attribution', async () => {
    const world = createWorld();
    const [early, late] = [await world.register({ sets: SETS }), await world.register({ sets: SETS })];
    const validated = (id: JobId) => {
      const at = new Date(world.stores.now()).toISOString();
      return editRecord(world.stores.objects, id, { validation_completed_at: at });
    };
    await validated(early.id);
    const maker = await world.register({ sets: SETS });
    await world.compute(maker, [0]);
    await validated(late.id);
    expect(await usesOf(world, maker.tasks.idAt(0))).toEqual([
      [maker.id, 'computed'],
      [late.id, 'reused'],
      [early.id, null],
    ]);
  });

  it('lists a job that was bound to other code in a later attempt, for results of both', async () => {
    const world = createWorld();
    const job = await world.register({ sets: SETS });
    await world.compute(job, [0]);
    const rebound = { ...job.spec, binding: { ...job.spec.binding, code: OTHER, model_digest: OTHER } };
    const spec = await world.stores.registry.keepSpec(rebound);
    const attempt = { engine: 'local', k8s_name: null, tasks: 2, started_at: '2026-03-01T12:00:00Z', ended_at: null };
    const attempts = [
      { ...attempt, n: 1 },
      { ...attempt, n: 2, spec },
    ];
    await editRecord(world.stores.objects, job.id, { spec, attempts });
    const again = createJob(rebound);
    await world.compute(again, [0]);
    for (const bound of [job, again]) expect(await usesOf(world, bound.tasks.idAt(0))).toEqual([[job.id, 'computed']]);
  });

  it('omits jobs of another scenario, config or list of outputs, even with the same parameters and seeds', async () => {
    const world = createWorld();
    const job = await world.register({ sets: SETS });
    await world.compute(job, [0]);
    for (const other of [{ scenario: 'lockdown' }, { config: { days: 3 } }, { outputs: ['prevalence'] }]) {
      const made = await world.register({ sets: SETS, ...other });
      await world.compute(made, [0]);
      expect(await usesOf(world, made.tasks.idAt(0))).toEqual([[made.id, 'computed']]);
    }
    expect(await usesOf(world, job.tasks.idAt(0))).toEqual([[job.id, 'computed']]);
  });
});

describe('resolveResult', () => {
  it('accepts a task id, its first digits, and the logical path with any prefix', async () => {
    const world = createWorld();
    const job = await world.register({ sets: [{ params: { beta: 0.1 }, seed: '18446744073709551615' }] });
    await world.compute(job, [0]);
    const id = job.tasks.idAt(0);
    const path = logicalPath(MODEL, job.tasks.paramsAt(0).param_id, 18446744073709551615n);
    for (const name of [id, id.slice(0, 6), path, `token/v1/${path}/`, `/data/provenance/token/v1/${path}`]) {
      expect((await resolveResult(name, world.stores.objects)).row.task_id).toBe(id);
    }
    await expect(resolveResult(`bundle/v1/${path}`, world.stores.objects)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });

  it('refuses a path that two scenarios share, naming both', async () => {
    const world = createWorld();
    const jobs = [await world.register({ sets: SETS }), await world.register({ sets: SETS, scenario: 'lockdown' })];
    for (const job of jobs) await world.compute(job, [0]);
    const path = logicalPath(MODEL, jobs[0]!.tasks.paramsAt(0).param_id, jobs[0]!.tasks.seedAt(0));
    const refusal = { code: 'CONFLICT', message: expect.stringMatching(/2 results: .*baseline.*lockdown/) };
    await expect(resolveResult(path, world.stores.objects)).rejects.toMatchObject(refusal);
  });

  it('refuses an ambiguous prefix', async () => {
    const world = createWorld();
    const job = await world.register({ sets: SETS, replicates: 600 });
    await world.compute(job, [...Array(1200).keys()]);
    const prefixes = [...Array(1200).keys()].map((task) => job.tasks.idAt(task).slice(0, 4));
    const shared = prefixes.find((prefix, at) => prefixes.indexOf(prefix) !== at)!;
    await expect(resolveResult(shared, world.stores.objects)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('prefers a result to failures of the same task, otherwise the latest failure', async () => {
    const world = createWorld();
    const job = await world.register({ sets: SETS });
    await world.compute(job, [0, 1], { failed: [0, 1] });
    const again = await world.compute(job, [0, 1], { failed: [0] });
    expect((await resolveResult(job.tasks.idAt(0), world.stores.objects)).row).toMatchObject({ status: 'failed', pack: again });
    expect((await resolveResult(job.tasks.idAt(1), world.stores.objects)).row).toMatchObject({ status: 'ok', pack: again });
  });

  it.each([
    '',
    'abc',
    'not-hex',
    '../../etc',
    `${'a'.repeat(65)}`,
    'sims/0123/ab/params_0123/seed_1',
    'sims/0123456789ab/ab/params_01234567/seed_-1',
  ])('refuses %j as the name of a result', async (name) => {
    await expect(resolveResult(name, createWorld().stores.objects)).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
  });

  it('reports a missing result, and packs that may contain it but cannot be read', async () => {
    const world = createWorld();
    const job = await world.register({ sets: SETS });
    await expect(resolveResult('abcdef', world.stores.objects)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
    const pack = await world.compute(job, [0]);
    for await (const { key } of world.stores.objects.list('provenance/'))
      if (key.endsWith(`${pack}/_index.parquet`)) await world.stores.objects.put(key, new Uint8Array(64));
    await expect(resolveResult('abcdef', world.stores.objects)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(pack),
    });
  });
});
