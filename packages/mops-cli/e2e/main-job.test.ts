import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paramIdOf, replicateSeed } from '@modelops/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSupervisorRecord } from '../src/engines/local/read-supervisor-record.ts';
import { type Laptop, openLaptop, prepare, type Submitted, until } from './laptop.ts';
import { query } from './query.ts';

interface Best {
  readonly best: readonly {
    readonly params: { readonly beta: number; readonly gamma: number };
    readonly loss: number;
    readonly n_replicates: number;
    readonly cache_hit: boolean;
  }[];
}

const TRUTH = { beta: 0.8, gamma: 0.2 };

const dataset = (laptop: Laptop, file: string) =>
  `read_parquet('${laptop.store}/provenance/token/v1/sims/*/*/*/${file}.parquet', filename = true, union_by_name = true)`;

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

/** The first worker of a job's first attempt, as its supervisor recorded it. */
const firstWorker = (job: string) => readSupervisorRecord(join(laptop.home, 'engine', `${job}-a1`))!.workers[0]!;

describe('the main job on a laptop', () => {
  it('finds parameters near the true ones, with results that DuckDB can read', async () => {
    await prepare(laptop, { sets: 128, replicates: 10 });
    const submitted = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    expect(submitted).toMatchObject({ status: 'succeeded', status_code: 0, tasks: { total: 1280, new: 1280, reused: 0 } });
    const { best } = await laptop.json<Best>('mops', 'results', 'best', submitted.job);
    expect(Math.abs(best[0]!.params.beta - TRUTH.beta)).toBeLessThan(0.15);
    expect(Math.abs(best[0]!.params.gamma - TRUTH.gamma)).toBeLessThan(0.05);
    expect(readdirSync(submitted.results).sort()).toEqual(['losses.parquet', 'manifest.json', 'summary.json']);
    const rows = await query<{ n: bigint; sets: bigint }>(
      `SELECT count(*) AS n, count(DISTINCT param_id) AS sets FROM read_parquet('${submitted.results}losses.parquet') WHERE loss IS NOT NULL`,
    );
    expect(rows[0]).toEqual({ n: 128n, sets: 128n });
    const manifest = JSON.parse(readFileSync(join(submitted.results, 'manifest.json'), 'utf8'));
    const digest = createHash('sha256')
      .update(readFileSync(join(submitted.results, 'losses.parquet')))
      .digest('hex');
    expect(manifest.files['losses.parquet'].digest).toBe(`sha256:${digest}`);
    const summary = JSON.parse(readFileSync(join(submitted.results, 'summary.json'), 'utf8'));
    expect(summary.targets[0].best.params).toEqual(best[0]!.params);
  });

  it('computes nothing when the same study is submitted again, and has the same losses', async () => {
    await prepare(laptop, { sets: 32, replicates: 5 });
    const first = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    const second = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    expect(second.job).not.toBe(first.job);
    expect(second).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 160 } });
    const same = (job: Submitted) =>
      query(`SELECT * EXCLUDE (job_id, computed_at, cache_hit) FROM read_parquet('${job.results}losses.parquet')`);
    expect(await same(second)).toEqual(await same(first));
    const hits = await query<{ cache_hit: boolean }>(`SELECT DISTINCT cache_hit FROM read_parquet('${second.results}losses.parquet')`);
    expect(hits).toEqual([{ cache_hit: true }]);
  });

  it('computes only the new half when a study is doubled with the same seed', async () => {
    await prepare(laptop, { sets: 32, replicates: 5 });
    await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    await prepare(laptop, { sets: 64, replicates: 5 });
    const doubled = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    expect(doubled).toMatchObject({ status: 'succeeded', tasks: { total: 320, new: 160, reused: 160 } });
    const rows = await query<{ n: bigint; ids: bigint }>(
      `SELECT count(*) AS n, count(DISTINCT task_id) AS ids FROM ${dataset(laptop, '_index')}`,
    );
    expect(rows[0]).toEqual({ n: 320n, ids: 320n });
  });

  it('survives a killed worker, with exactly one result per task', async () => {
    await prepare(laptop, { sets: 256, replicates: 20 });
    const { job } = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto');
    const dones = join(laptop.store, 'jobs', job, 'attempts', '1', 'done');
    await until(() => existsSync(dones) && readdirSync(dones).length >= 3);
    process.kill(firstWorker(job).process!.pid, 'SIGKILL');
    expect(await laptop.json('mops', 'jobs', 'wait', job)).toMatchObject({ status: 'succeeded', verified: 5120, status_code: 0 });
    expect(firstWorker(job).restarts).toBe(1);
    const rows = await query<{ ids: bigint; twice: bigint }>(
      `SELECT count(DISTINCT task_id) AS ids, count(*) - count(DISTINCT task_id) AS twice FROM ${dataset(laptop, '_index')} WHERE status = 'ok'`,
    );
    expect(rows[0]!.ids).toBe(5120n);
    console.log(`${rows[0]!.twice} tasks were computed twice`);
  });

  it('restarts a worker that received SIGTERM before the end', async () => {
    await prepare(laptop, { sets: 256, replicates: 20 });
    const { job } = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--workers', '1');
    const dones = join(laptop.store, 'jobs', job, 'attempts', '1', 'done');
    await until(() => existsSync(dones) && readdirSync(dones).length >= 3);
    process.kill(firstWorker(job).process!.pid, 'SIGTERM');
    expect(await laptop.json('mops', 'jobs', 'wait', job)).toMatchObject({ status: 'succeeded', verified: 5120 });
    expect(firstWorker(job)).toMatchObject({ restarts: 1, ended: 'exit status 143' });
  });

  it('keeps the seeds of the study in the results, and scenarios apart', async () => {
    const big = '18446744073709551615';
    const writeSeeded = async (scenario: string) => {
      const file = `${scenario}.json`;
      await prepare(laptop, { sets: 8, replicates: 3, scenario, file });
      const study = JSON.parse(readFileSync(join(laptop.dir, file), 'utf8'));
      const [first, second] = study.parameter_sets;
      study.parameter_sets = [first, second, { params: first, seed: 7 }, { params: first, seed: big }];
      writeFileSync(join(laptop.dir, file), JSON.stringify(study));
      return study;
    };
    const study = await writeSeeded('baseline');
    await writeSeeded('lockdown');
    const baseline = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'baseline.json', '--auto', '--wait');
    const lockdown = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'lockdown.json', '--auto', '--wait');
    expect([baseline.tasks, lockdown.tasks]).toEqual([
      { total: 8, new: 8, reused: 0 },
      { total: 8, new: 8, reused: 0 },
    ]);
    const seeds = await query<{ seed: bigint }>(
      `SELECT DISTINCT seed FROM ${dataset(laptop, 'prevalence')} WHERE filename LIKE '%@baseline%' ORDER BY seed`,
    );
    const expected = [
      ...study.parameter_sets.slice(0, 2).flatMap((values: object) => [0, 1, 2].map((replicate) => replicateSeedOf(values, replicate))),
      7n,
      BigInt(big),
    ];
    expect(seeds.map(({ seed }) => seed)).toEqual(expected.sort((a, b) => (a < b ? -1 : 1)));
    const totals = await query<{ total: number }>(
      `SELECT sum(infected) AS total FROM ${dataset(laptop, 'prevalence')} GROUP BY filename LIKE '%@lockdown%'`,
    );
    expect(new Set(totals.map(({ total }) => total)).size).toBe(2);
  });

  it('records a model exception as a failure of its task, and ends as partial', async () => {
    const model = join(laptop.dir, 'models/seir.ts');
    writeFileSync(
      model,
      readFileSync(model, 'utf8').replace('const day =', "if (beta > 1.9) throw new RangeError('beta is too large');\n    const day ="),
    );
    await prepare(laptop, { sets: 64, replicates: 2 });
    const submitted = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    expect(submitted).toMatchObject({ status: 'partial', status_code: 10 });
    const status = await laptop.json<{ failures: { type: string; message: string; count: number; sample: { params: object } }[] }>(
      'mops',
      'jobs',
      'status',
      submitted.job,
    );
    expect(status.failures).toHaveLength(1);
    expect(status.failures[0]).toMatchObject({ type: 'RangeError', message: 'beta is too large' });
    const rows = await query<{ reason: string; n_failed: number }>(
      `SELECT DISTINCT reason, n_failed FROM read_parquet('${submitted.results}losses.parquet') WHERE loss IS NULL`,
    );
    expect(rows).toEqual([{ reason: '2 of 2 replicates missing: RangeError: beta is too large', n_failed: 2 }]);
  });

  it('is validated by its outputs: the tasks of a deleted pack are missing, and exactly these are resumed', async () => {
    await prepare(laptop, { sets: 32, replicates: 5 });
    const { job } = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    const [{ pack, n }] = (await query<{ pack: string; n: bigint }>(
      `SELECT filename AS pack, count(*) AS n FROM ${dataset(laptop, '_index')} GROUP BY filename ORDER BY filename LIMIT 1`,
    )) as [{ pack: string; n: bigint }];
    const { rmSync } = await import('node:fs');
    rmSync(pack);
    const validated = await laptop.json<{ missing: { count: number; first: string[] } }>('mops', 'jobs', 'validate', job, '--force');
    expect(validated).toMatchObject({ status: 'partial', status_code: 10 });
    expect(validated.missing.first.filter((name) => /^[0-9a-f]{64}$/.test(name))).toHaveLength(Number(n));
    expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ status: 'succeeded', tasks: Number(n), attempt: 2 });
  });
});

describe('bad input', () => {
  const submit = async (change: (study: Record<string, unknown>) => unknown) => {
    await prepare(laptop, { sets: 4, replicates: 1 });
    const changed = change(JSON.parse(readFileSync(join(laptop.dir, 'study.json'), 'utf8')));
    writeFileSync(join(laptop.dir, 'bad.json'), typeof changed === 'string' ? changed : JSON.stringify(changed));
    return laptop.run('mops', 'jobs', 'submit', 'bad.json', '--auto');
  };
  it.each([
    ['an unknown field', (study: object) => ({ ...study, n_replicate: 2 }), 2, /n_replicate: unknown field; did you mean "n_replicates"\?/],
    ['truncated JSON', (study: object) => JSON.stringify(study).slice(0, 100), 2, /bad\.json is not valid JSON/],
    [
      'a parameter that the model lacks',
      (study: object) => ({ ...study, parameter_sets: [{ beta: 1, gama: 0.1 }] }),
      2,
      /no parameter gama; did you mean gamma\?/,
    ],
    ['no such scenario', (study: object) => ({ ...study, scenario: 'nowhere' }), 2, /no scenario nowhere; it has baseline, lockdown/],
    [
      'no such model',
      (study: object) => ({ ...study, model: 'models/sier.ts:StochasticSEIR' }),
      3,
      /models\/sier\.ts:StochasticSEIR is not registered.*did you mean models\/seir\.ts/,
    ],
    [
      'no such target',
      (study: object) => ({ ...study, targets: ['targets/none.ts:none'] }),
      3,
      /target targets\/none\.ts:none is not registered/,
    ],
  ])('of %s is one clear message, and nothing is created', async (_name, change, status, message) => {
    const ran = await submit(change as never);
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr).toMatch(/hint: /);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(existsSync(join(laptop.store, 'jobs'))).toBe(false);
  });
  it('of a missing study names the file', async () => {
    expect(await laptop.run('mops', 'jobs', 'submit', 'none.json')).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/none\.json not found/),
    });
  });
  it.each([
    ['models/none.ts:X', 3, /models\/none\.ts/],
    ['models/seir.ts:StochasticSIER', 3, /StochasticSIER[\s\S]*did you mean models\/seir\.ts:StochasticSEIR/],
  ])('of the model %s names it', async (model, status, message) => {
    await laptop.run('modelops-bundle', 'init', 'epi-sim');
    const ran = await laptop.run('cb', 'sampling', 'sobol', model, '--n-samples', '4');
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(await laptop.run('modelops-bundle', 'register-model', model)).toMatchObject({ status, stderr: expect.stringMatching(message) });
  });
  it('of NaN bounds names the parameter', async () => {
    const model = join(laptop.dir, 'models/seir.ts');
    writeFileSync(model, readFileSync(model, 'utf8').replace('float(0.1, 2)', 'float(Number.NaN, 2)'));
    await laptop.run('modelops-bundle', 'init', 'epi-sim');
    const ran = await laptop.run('modelops-bundle', 'register-model', 'models/seir.ts:StochasticSEIR');
    expect(ran.stderr).toMatch(/NaN/);
    expect(ran.status).toBe(2);
  });
});

/** The seed rule of seed document 001, computed by contracts, which the golden vectors test. */
function replicateSeedOf(values: object, replicate: number): bigint {
  return BigInt(replicateSeed(paramIdOf(values as never), replicate));
}
