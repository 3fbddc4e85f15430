import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openObjectStore } from '@modelops/store';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
const BLOB = ['--env', 'blob'];
let azurite: RunningAzurite;
let laptop: Laptop;
let jobs: [string, string];

/** An environment of this laptop's registry and some storage. */
function writeEnvironment(name: string, storage: object): void {
  mkdirSync(join(laptop.home, 'bundle-env'), { recursive: true });
  const registry = { provider: 'oci-layout', login_server: 'local', path: join(laptop.home, 'registry') };
  writeFileSync(join(laptop.home, 'bundle-env', `${name}.yaml`), JSON.stringify({ environment: name, registry, storage }), { mode: 0o600 });
}

const storage = () => ({ provider: 'azure', container: 'modelops', connection_string: azurite.connectionString }) as const;

beforeAll(async () => {
  azurite = await startAzurite();
  laptop = openLaptop();
  writeEnvironment('blob', storage());
  const submit = () => laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--auto', '--wait', ...BLOB);
  await writeTiny(laptop, { xs: [1, 2, 4] });
  const first = await submit();
  const replace = (file: string, text: string, by: string) =>
    writeFileSync(join(laptop.dir, file), readFileSync(join(laptop.dir, file), 'utf8').replace(text, by));
  replace('models/tiny.ts', 'of(x, 2 * x)', 'of(1 * x, 2 * x)');
  replace('tiny.json', '{"x":4}', '{"x":4},{"x":3.5}');
  jobs = [first.job, (await submit()).job];
}, TIMEOUT);
afterAll(async () => {
  await laptop.remove();
  await azurite.stop();
}, TIMEOUT);

/** ((x − 3)² + (2x − 6)²) / 2: the loss of the tiny model. */
const lossAt = (x: number) => 2.5 * (x - 3) ** 2;

describe('results in a blob store', { timeout: TIMEOUT }, () => {
  it('are listed, ranked, compared and queried', async () => {
    const list = await laptop.json<{ jobs: { job: string; targets: { best: { loss: number } }[] }[] }>('mops', 'results', 'list', ...BLOB);
    expect(list.jobs.map(({ job, targets }) => [job, targets[0]!.best.loss])).toEqual([
      [jobs[1], lossAt(3.5)],
      [jobs[0], lossAt(2)],
    ]);
    const best = await laptop.json<{ best: { rank: number; params: { x: number }; loss: number }[] }>(
      'mops',
      'results',
      'best',
      jobs[0],
      ...BLOB,
    );
    // Equal losses are sorted by the ids of their sets.
    expect(best.best.map(({ rank, params, loss }) => [rank, params.x, loss])).toEqual([
      [1, 4, lossAt(4)],
      [1, 2, lossAt(2)],
      [3, 1, lossAt(1)],
    ]);
    const { comparisons } = await laptop.json<{
      comparisons: { shared: object; targets: object[]; changes: { what: string }[]; has_files: boolean }[];
    }>('mops', 'results', 'compare', ...jobs, ...BLOB);
    expect(comparisons[0]).toMatchObject({
      shared: { sets: 3, same_seeds: 3 },
      targets: [{ target: 'fit', pairs: 3, only_a: 0, only_b: 1, mean_difference: 0, interval: [0, 0] }],
      has_files: true,
    });
    expect(comparisons[0]!.changes.map(({ what }) => what)).toContain('file models/tiny.ts');
    const { rows } = await laptop.json<{ rows: object[] }>(
      'mops',
      'results',
      'query',
      'SELECT param_x AS x, avg(v) AS v, count(*)::INTEGER AS n FROM y WHERE t = 1 GROUP BY ALL ORDER BY x',
      ...BLOB,
    );
    // Two versions of the model computed the first three sets.
    expect(rows).toEqual([
      { x: 1, v: 2, n: 4 },
      { x: 2, v: 4, n: 4 },
      { x: 3.5, v: 7, n: 2 },
      { x: 4, v: 8, n: 4 },
    ]);
  });

  it('are downloaded to a folder that is a store; a second download copies what is missing or damaged', async () => {
    const folder = join(laptop.dir, 'downloaded');
    const download = () =>
      laptop.json<{ files: number; kept: number }>('mops', 'results', 'download', jobs[0], '--output', folder, ...BLOB);
    const first = await download();
    expect(first).toMatchObject({ job: jobs[0], kept: 0, missing: 0, status_code: 0 });
    writeEnvironment('folder', { provider: 'fs', path: folder });
    const losses = (env: string) => laptop.json<{ losses: object[] }>('mops', 'results', 'losses', jobs[0], '--env', env);
    expect((await losses('folder')).losses).toEqual((await losses('blob')).losses);
    const packs = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('y.parquet')).sort();
    const whole = readFileSync(join(folder, packs[0]!));
    const damaged = Buffer.from(whole);
    damaged[10]! ^= 1;
    writeFileSync(join(folder, packs[0]!), damaged);
    const index = join(folder, packs[0]!, '../_index.parquet');
    rmSync(index);
    const again = await download();
    const records = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => /^(jobs|results)\/.*\.json$/.test(name)).length;
    expect(again).toMatchObject({ files: first.files, kept: first.files - records - 2 });
    expect(Buffer.compare(readFileSync(join(folder, packs[0]!)), whole)).toBe(0);
  });

  it('are refused where a blob has changed, and nothing of it is written', async () => {
    const objects = await openObjectStore(storage());
    const folder = join(laptop.dir, 'refused');
    for await (const { key } of objects.list('provenance/')) {
      if (!key.endsWith('/y.parquet')) continue;
      const bytes = Buffer.from((await objects.get(key))!.bytes);
      bytes[10]! ^= 1;
      await objects.put(key, bytes);
    }
    const { status, stderr } = await laptop.run('mops', 'results', 'download', jobs[0], '--output', folder, ...BLOB);
    expect(stderr).toMatch(/provenance\/.*y\.parquet has changed since it was written/);
    expect(status).not.toBe(0);
    expect(
      (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.parquet') && /y\.parquet|_index/.test(name)),
    ).toEqual([]);
  });
});
