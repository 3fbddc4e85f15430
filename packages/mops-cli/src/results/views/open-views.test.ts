import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundleEnvironment, keys, packPrefix } from '@modelops/contracts';
import { EVICTED, openObjectStore, packName } from '@modelops/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../testing/world.ts';
import { joinTables } from '../tree/join-tables.ts';
import { openViews, type ViewOptions } from './open-views.ts';

type Row = Record<string, unknown>;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-views-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const environmentOf = (storage: BundleEnvironment['storage']) => ({ environment: 'test', storage }) as BundleEnvironment;

/** Both kinds of stores: files in place, and copies. */
const kinds = {
  'a folder store': async () => {
    const path = await mkdtemp(join(root, "it's a store-"));
    const storage = { provider: 'fs', path } as const;
    return { world: createWorld(await openObjectStore(storage)), storage };
  },
  'a store elsewhere': async () => ({ world: createWorld(), storage: { provider: 'azure', container: 'c' } as const }),
};

interface Fixture {
  readonly world: World;
  query(sql: string, options?: ViewOptions): Promise<Row[]>;
}

async function open(kind: keyof typeof kinds): Promise<Fixture> {
  const { world, storage } = await kinds[kind]();
  const cacheDir = await mkdtemp(join(root, 'cache-'));
  return {
    world,
    async query(sql, options) {
      const views = await openViews({ stores: world.stores, environment: environmentOf(storage), cacheDir }, options);
      try {
        return (await views.connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
      } finally {
        views.close();
      }
    },
  };
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('views over %s', (kind) => {
  it('count a result in several packs once, and have the inputs in every row', async () => {
    const { world, query } = await open(kind);
    const job = await world.register({
      sets: [
        { beta: 1, mode: 'a' },
        { beta: 2, mode: 'b' },
      ],
      replicates: 2,
    });
    const table = (task: number) => [
      { name: 'day', values: Int32Array.of(0, 1) },
      { name: 'task_id', values: [`own ${task}`, 'own'] },
    ];
    await world.compute(job, [0, 1, 2, 3], { table, failed: [3] });
    await world.compute(job, [1, 2], { table });
    const uncommitted = await world.compute(job, [0, 3], { table });
    await world.stores.objects.delete(`${packPrefix(job.sims)}${uncommitted}/_index.parquet`);
    const rows = await query('SELECT * FROM prevalence ORDER BY seed, day');
    expect(rows).toHaveLength(3 * 2);
    const [task] = [0, 1, 2].filter((at) => String(job.tasks.seedAt(at)) === rows[0]!.seed);
    expect(rows[0]).toEqual({
      task_id: job.tasks.idAt(task!),
      code: job.sims.code.slice(7, 19),
      entrypoint: 'models.seir.SEIR/baseline',
      scenario: 'baseline',
      param_id: expect.any(String),
      param_beta: expect.any(Number),
      param_mode: expect.stringMatching(/^[ab]$/),
      seed: String(job.tasks.seedAt(task!)),
      day: 0,
      prevalence_task_id: `own ${task}`,
    });
    expect(await query('SELECT status, count(*)::INTEGER AS n, sum(param_beta) AS beta FROM tasks GROUP BY ALL ORDER BY ALL')).toEqual([
      { status: 'failed', n: 1, beta: 2 },
      { status: 'ok', n: 3, beta: 4 },
    ]);
    expect(await query('SELECT task_id, kind, message, param_mode FROM failures')).toEqual([
      { task_id: job.tasks.idAt(3), kind: 'exception', message: 'no', param_mode: 'b' },
    ]);
    expect(await query('SELECT param_beta, param_mode, params FROM parameters ORDER BY ALL')).toEqual([
      { param_beta: 1, param_mode: 'a', params: '{"beta":1,"mode":"a"}' },
      { param_beta: 2, param_mode: 'b', params: '{"beta":2,"mode":"b"}' },
    ]);
  });

  it('distinguish tasks with equal parameters and seeds in one pack by position', async () => {
    const { world, query } = await open(kind);
    const made = {
      sets: [
        { params: { beta: 1 }, seed: 5 },
        { params: { beta: 2 }, seed: 6 },
      ],
    };
    const jobs = [await world.register(made), await world.register({ ...made, config: { long: true } })] as const;
    const ids = jobs.map(({ tasks }) => tasks.idAt(0));
    const first = await world.compute(jobs[0], [0]);
    const [row] = await world.stores.provenance.rows(jobs[0].sims, [jobs[0].tasks.idAt(0)]);
    await world.stores.objects.delete(`${packPrefix(jobs[0].sims)}${first}/_index.parquet`);
    const tables = [[{ name: 'x', values: Float64Array.of(1, 2) }], [{ name: 'x', values: Float64Array.of(3) }]];
    await world.stores.provenance.writeSimulations(jobs[0].sims, {
      name: packName(Date.now(), Math.random),
      simulations: [row!, { ...row!, task_id: jobs[1].tasks.idAt(0) }],
      outputs: { prevalence: joinTables(tables) },
      job_id: 'job-1',
      worker: 'w',
    });
    const rows = await query('SELECT task_id, list(x ORDER BY x) AS x FROM prevalence GROUP BY ALL ORDER BY x');
    expect(rows).toEqual([
      { task_id: ids[0], x: [1, 2] },
      { task_id: ids[1], x: [3] },
    ]);
  });

  it('separate models: own parameters in outputs, all parameters in tasks; a job selects its model', async () => {
    const { world, query } = await open(kind);
    const first = await world.register({ sets: [{ beta: 1 }], outputs: ['prevalence'], targets: ['fit'] });
    const second = await world.register({ sets: [{ gamma: true, beta: 'high' }], scenario: 'other', outputs: ['Losses'] });
    await world.compute(first, [0]);
    await world.compute(second, [0]);
    await world.index(first);
    expect(Object.keys((await query('FROM prevalence'))[0]!)).not.toContain('param_gamma');
    expect(await query('SELECT param_beta, param_gamma FROM output_Losses')).toEqual([{ param_beta: 'high', param_gamma: true }]);
    expect(await query('SELECT param_beta, param_gamma, entrypoint FROM tasks ORDER BY param_beta')).toEqual([
      { param_beta: '1', param_gamma: null, entrypoint: 'models.seir.SEIR/baseline' },
      { param_beta: 'high', param_gamma: true, entrypoint: 'models.seir.SEIR/other' },
    ]);
    expect(await query('SELECT count(*)::INTEGER AS n FROM tasks', { jobs: [second.id] })).toEqual([{ n: 1 }]);
    expect(await query('SELECT job_id FROM losses', { jobs: [second.id] })).toEqual([]);
    expect(await query('SELECT job_id, targets, parameter_sets FROM jobs ORDER BY job_id')).toEqual([
      { job_id: first.id, targets: ['fit'], parameter_sets: '1' },
      { job_id: second.id, targets: [], parameter_sets: '1' },
    ]);
  });

  it('have losses with parameters after param_id, and the source of each result', async () => {
    const { world, query } = await open(kind);
    const made = { sets: [{ beta: 1 }, { beta: 2 }], targets: ['fit'] };
    const first = await world.register(made);
    await world.compute(first, [0, 1]);
    await world.index(first, (set) => 0.5 - set);
    const second = await world.register({ ...made, sets: [{ beta: 2 }, { beta: 3 }] });
    await world.attribute(second, 1, [0], 'reused');
    await world.attribute(second, 2, [0], 'computed');
    await world.index(second);
    const rows = await query('SELECT * FROM losses ORDER BY job_id, param_beta');
    expect(Object.keys(rows[0]!).slice(0, 5)).toEqual(['job_id', 'param_id', 'param_beta', 'target', 'loss']);
    expect(rows.map(({ job_id, param_beta, loss }) => [job_id, param_beta, loss])).toEqual([
      [first.id, 1, 0.5],
      [first.id, 2, -0.5],
      [second.id, 2, -0.5],
      [second.id, 3, null],
    ]);
    expect(await query('SELECT job_id, source, count(*)::INTEGER AS n FROM attribution GROUP BY ALL ORDER BY ALL')).toEqual([
      { job_id: first.id, source: 'computed', n: 2 },
      { job_id: second.id, source: 'computed', n: 1 },
    ]);
  });

  it('omit and report damaged files, and keep the index of deleted outputs', async () => {
    const { world, query } = await open(kind);
    const job = await world.register({ sets: [{ beta: 1 }, { beta: 2 }, { beta: 3 }, { beta: 4 }] });
    const packs: string[] = [];
    for (const task of [0, 1, 2, 3]) packs.push(await world.compute(job, [task]));
    const { objects } = world.stores;
    const key = (at: number, file: string) => `${packPrefix(job.sims)}${packs[at]}/${file}`;
    for (const broken of [key(0, '_index.parquet'), key(1, 'prevalence.parquet')]) {
      const { bytes } = (await objects.get(broken))!;
      const changed = bytes.slice();
      changed[10] = changed[10]! ^ 1;
      await objects.put(broken, changed);
    }
    await objects.put(key(2, EVICTED), new TextEncoder().encode('{"schema_version":1,"at":"","files":[]}'));
    await objects.delete(key(2, 'prevalence.parquet'));
    const problems: string[] = [];
    expect(await query('SELECT infected FROM prevalence', { onUnreadable: (problem) => problems.push(problem) })).toEqual([
      { infected: 3 },
    ]);
    expect(problems).toEqual([
      expect.stringContaining(`${packs[0]}: `),
      expect.stringContaining(`${packs[1]}/prevalence.parquet has changed`),
    ]);
    expect(await query('SELECT param_beta, evicted FROM tasks ORDER BY ALL')).toEqual([
      { param_beta: 2, evicted: false },
      { param_beta: 3, evicted: true },
      { param_beta: 4, evicted: false },
    ]);
  });

  it('are empty in an empty store', async () => {
    const { query } = await open(kind);
    for (const view of ['losses', 'jobs', 'tasks', 'failures', 'attribution', 'parameters'])
      expect(await query(`FROM ${view}`)).toEqual([]);
  });

  it('do not read files of unused views', async () => {
    const { world, query } = await open(kind);
    const job = await world.register({ sets: [{ beta: 1 }], targets: ['fit'] });
    const pack = await world.compute(job, [0]);
    await world.index(job);
    await world.stores.objects.put(`${packPrefix(job.sims)}${pack}/_index.parquet`, new Uint8Array(9));
    await world.stores.objects.delete(keys.attribution(job.id, 1, 0));
    expect(await query('SELECT loss FROM losses', { views: ['LOSSES'], onUnreadable: (problem) => expect.fail(problem) })).toEqual([
      { loss: 0 },
    ]);
    await expect(query('FROM tasks', { views: ['losses'] })).rejects.toThrow(/tasks/);
  });
});
