import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openResultClient } from '../src/results/open-result-client.ts';
import { type Laptop, openLaptop, prepare, type Submitted } from './laptop.ts';
import { query } from './query.ts';

interface Uses {
  readonly jobs: readonly { readonly job: string; readonly source: string | null }[];
}
interface Shown extends Uses {
  readonly task_id: string;
  readonly path: string;
  readonly computed_by: string;
  readonly code: string;
  readonly outputs: readonly { readonly name: string; readonly rows: number; readonly first: readonly unknown[] }[];
}

const taskIds = async (laptop: Laptop) =>
  (
    await query<{ task_id: string }>(
      `SELECT DISTINCT task_id FROM read_parquet('${laptop.store}/provenance/token/v1/sims/*/*/*/_index.parquet', union_by_name = true) ORDER BY task_id`,
    )
  ).map(({ task_id }) => task_id);

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

const submit = () => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
const sources = ({ jobs }: Uses) => jobs.map(({ job, source }) => [job, source]);

describe('results of a laptop', () => {
  it('are shown by id and by path, with the jobs that use them, also after reuse', async () => {
    await prepare(laptop, { sets: 4, replicates: 3 });
    const first = await submit();
    const [task] = (await taskIds(laptop)) as [string];
    const shown = await laptop.json<Shown>('mops', 'results', 'show', task.slice(0, 10));
    expect(shown).toMatchObject({
      task_id: task,
      computed_by: first.job,
      code: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      status_code: 0,
    });
    expect(shown.outputs.map(({ name, first: rows }) => [name, rows.length])).toEqual([['prevalence', 5]]);
    expect(sources(shown)).toEqual([[first.job, 'computed']]);
    const second = await submit();
    expect(second.tasks).toMatchObject({ new: 0, reused: 12 });
    const uses = await laptop.json<Uses>('mops', 'results', 'jobs-of', shown.path);
    expect(sources(uses)).toEqual([
      [second.job, 'reused'],
      [first.job, 'computed'],
    ]);
    const { status, stdout } = await laptop.run('mops', 'results', 'show', shown.path);
    expect([status, stdout]).toEqual([0, expect.stringContaining(second.job)]);
    const absent = await laptop.run('mops', 'results', 'show', 'ffffffffff');
    expect([absent.status, absent.stderr]).toEqual([3, expect.stringContaining('result ffffffffff not found')]);
    const client = await openResultClient({ environment: 'local', home: laptop.home, cwd: laptop.dir });
    expect((await client.jobsOf(task)).map(({ job }) => job)).toEqual([second.job, first.job]);
    expect(await client.getBestParameters({ nBest: 1 })).toHaveLength(1);
  });

  it('are attributed to the job that computed them, also if a resumed attempt recomputed some', async () => {
    await prepare(laptop, { sets: 8, replicates: 4 });
    const first = await submit();
    const sims = join(laptop.store, 'provenance/token/v1/sims');
    const [code] = readdirSync(sims) as [string];
    const [entry] = readdirSync(join(sims, code)) as [string];
    const [pack] = readdirSync(join(sims, code, entry)) as [string];
    rmSync(join(sims, code, entry, pack), { recursive: true });
    await laptop.run('mops', 'jobs', 'validate', first.job, '--force');
    const [kept] = (await taskIds(laptop)) as [string];
    await laptop.run('mops', 'jobs', 'resume', first.job, '--wait');
    await laptop.run('mops', 'jobs', 'wait', first.job);
    const ids = await taskIds(laptop);
    expect(ids).toHaveLength(32);
    for (const task of [kept, ...ids.slice(0, 3)]) {
      expect(sources(await laptop.json<Uses>('mops', 'results', 'jobs-of', task))).toEqual([[first.job, 'computed']]);
    }
  });

  it('are listed, ranked, compared, plotted, queried and downloaded', async () => {
    await prepare(laptop, { sets: 4, replicates: 3 });
    const first = await submit();
    const model = join(laptop.dir, 'models/seir.ts');
    const source = readFileSync(model, 'utf8');
    expect(source).toContain('1 / 4');
    writeFileSync(model, source.replace('1 / 4', '1 / 5'));
    const second = await submit();
    const listed = await laptop.json<{ jobs: readonly { job: string; targets: readonly { losses: number }[] }[] }>(
      'mops',
      'results',
      'list',
    );
    expect(listed.jobs.map(({ job, targets }) => [job, targets[0]!.losses])).toEqual([
      [second.job, 4],
      [first.job, 4],
    ]);
    const { best } = await laptop.json<{ best: readonly { rank: number; loss: number }[] }>('mops', 'results', 'best', '-n', '8');
    expect(best.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const weighted = await laptop.run('mops', 'results', 'best', second.job, '--weight', 'prevalence=2');
    expect(weighted.stdout).toMatch(/RANK .*prevalence × 2 +WEIGHTED LOSS/);
    const compared = await laptop.run('mops', 'results', 'compare', first.job, second.job);
    expect(compared.stdout).toContain('4 parameter sets in both, with the same seeds');
    expect(compared.stdout).toMatch(/file models\/seir\.ts +[0-9a-f]{12} +[0-9a-f]{12}/);
    expect((await laptop.run('mops', 'results', 'progress')).stdout).toContain('BEST SO FAR');
    const plot = await laptop.run('mops', 'results', 'losses', second.job, '--plot', 'beta');
    expect([plot.status, plot.stdout]).toEqual([0, expect.stringMatching(/loss of prevalence against beta.*: 4 sets\n[\s\S]*lowest: /)]);
    expect(plot.stdout).not.toContain('\u001b');
    const sql = 'SELECT count(*) AS n FROM prevalence JOIN attribution USING (task_id)';
    const rows = await laptop.json<{ rows: readonly unknown[] }>('mops', 'results', 'query', sql);
    expect(rows.rows).toEqual([{ n: 2 * 4 * 3 * 60 }]);
    expect((await laptop.run('mops', 'results', 'query', 'DROP VIEW losses')).status).toBe(2);
    expect((await laptop.json('mops', 'results', 'download', first.job, '--output', 'job')).status_code).toBe(0);
    expect(existsSync(join(laptop.dir, 'job/results', first.job, 'losses.parquet'))).toBe(true);
  });

  it('are imported on another laptop from a tree, and nothing is computed there', async () => {
    await prepare(laptop, { sets: 4, replicates: 3 });
    const first = await submit();
    const exported = await laptop.json('mops', 'results', 'export', first.job, '--layout', 'tree', '--output', 'tree');
    expect(exported).toMatchObject({ results: 12, missing: 0, status_code: 0 });
    const other = openLaptop();
    try {
      await prepare(other, { sets: 4, replicates: 3 });
      const imported = await other.json('mops', 'results', 'import', join(laptop.dir, 'tree'));
      expect(imported).toMatchObject({ simulations: { found: 12, imported: 12 }, aggregations: { found: 4, imported: 4 }, status_code: 0 });
      const again = await other.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
      expect(again).toMatchObject({ status: 'succeeded', tasks: { total: 12, new: 0, reused: 12 } });
      expect(existsSync(join(other.home, 'engine'))).toBe(false);
      expect(await taskIds(other)).toEqual(await taskIds(laptop));
    } finally {
      await other.remove();
    }
  });

  it('are equal in Parquet, CSV and packs, read by DuckDB', async () => {
    await prepare(laptop, { sets: 4, replicates: 3 });
    const first = await submit();
    for (const layout of ['parquet', 'csv'])
      await laptop.run('mops', 'results', 'export', first.job, '--layout', layout, '--output', layout);
    const files = { parquet: join(laptop.dir, 'parquet/prevalence.parquet'), csv: join(laptop.dir, 'csv/prevalence.csv') };
    const counted = (source: string) =>
      query(`SELECT count(*) AS n, count(DISTINCT param_id) AS sets, count(DISTINCT seed) AS seeds FROM ${source}`);
    const parquet = await counted(`'${files.parquet}'`);
    const csv = await counted(`'${files.csv}'`);
    const packs = await counted(`read_parquet('${laptop.store}/provenance/token/v1/sims/*/*/*/prevalence.parquet')`);
    expect(csv).toEqual(parquet);
    expect(packs).toEqual(parquet);
    const differing = await query(`SELECT count(*) AS n FROM ((FROM '${files.parquet}') EXCEPT (FROM '${files.csv}'))`);
    expect(differing).toEqual([{ n: 0n }]);
  });

  it('fail with the reason and the exit status', async () => {
    await prepare(laptop, { sets: 2, replicates: 1 });
    const first = await submit();
    const statuses = async (...args: string[]) => (await laptop.run('mops', 'results', ...args)).status;
    expect(await statuses('show', 'not-a-result')).toBe(2);
    expect(await statuses('export', first.job)).toBe(2);
    expect(await statuses('export', first.job, '--output', 'models')).toBe(4);
    expect(await statuses('export', first.job, '--output', 'models', '--force')).toBe(4);
    expect(await statuses('export', 'job-zzzz', '--output', 'out')).toBe(3);
    expect(await statuses('import', 'nowhere')).toBe(3);
    expect(await laptop.run('mops', 'results', 'losses', first.job, '--target', 'deaths')).toMatchObject({
      status: 3,
      stderr: 'error: no losses of target deaths\nhint: targets: prevalence\n',
    });
    expect(await statuses('import', '.', '--code', 'sha256:abc')).toBe(2);
    expect(existsSync(join(laptop.dir, 'out'))).toBe(false);
  });
});
