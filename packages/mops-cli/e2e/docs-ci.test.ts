import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare, type Ran } from './laptop.ts';
import { query } from './query.ts';
import { onPath } from './tiny/on-path.ts';

const TIMEOUT = 300_000;
const script = new URL('../../../docs/examples/ci.sh', import.meta.url).pathname;
let laptop: Laptop;
beforeEach(async () => {
  laptop = openLaptop();
  await prepare(laptop, { sets: 1, replicates: 1 });
}, TIMEOUT);
afterEach(() => laptop.remove(), TIMEOUT);

/** The script of the page, with the settings of a pipeline. */
function pipeline(settings: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const env = { ...onPath(laptop), SAMPLES: '8', REPLICATES: '2', SWEEP: 'nightly', RETRY_AFTER: '0', ...settings };
  return new Promise((resolve) => {
    execFile('sh', [script], { cwd: laptop.dir, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
  });
}

const made = (file: string) => JSON.parse(readFileSync(join(laptop.dir, 'out', file), 'utf8'));

/** Adds a statement to the model for some parameters. */
function changeModel(statement: string): void {
  const file = join(laptop.dir, 'models/seir.ts');
  const first = 'const day = new Int32Array';
  writeFileSync(file, `import { existsSync } from 'node:fs';\n${readFileSync(file, 'utf8').replace(first, `${statement}\n    ${first}`)}`);
}

describe('the pipeline of docs/ci.md', { timeout: TIMEOUT }, () => {
  it('runs a sweep and exports it, and computes nothing the second time', async () => {
    const first = await pipeline();
    expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(/tasks {4}16 of 8 parameter sets: 16 new[\s\S]*LOSS/) });
    expect(made('losses.json').losses).toHaveLength(8);
    const rows = await query<{ n: bigint }>(`SELECT count(*) AS n FROM read_parquet('${laptop.dir}/out/outputs/prevalence.parquet')`);
    expect(rows).toEqual([{ n: 16n * 60n }]);
    expect(await pipeline()).toMatchObject({ status: 0, stdout: expect.stringContaining('0 new, 16 reused') });
    expect(made('job.json')).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 16 } });
    expect((await laptop.json<{ jobs: unknown[] }>('mops', 'jobs', 'list', '--label', 'sweep=nightly')).jobs).toHaveLength(2);
  });

  it('ends with the status of the job, logs the causes of failures, and exports the results', async () => {
    changeModel("if (beta > 1) throw new RangeError('beta is too large');");
    const ran = await pipeline();
    expect(ran).toMatchObject({
      status: 10,
      stderr: expect.stringMatching(/tasks: RangeError: beta is too large[\s\S]*mops repro [0-9a-f]{12}/),
    });
    expect(ran.stdout).toContain('LOSS');
    expect(made('losses.json').losses.filter(({ loss }: { loss: number | null }) => loss !== null).length).toBeGreaterThan(0);
    changeModel("throw new RangeError('nothing works');");
    expect(await pipeline()).toMatchObject({ status: 11, stderr: expect.stringContaining('RangeError: nothing works') });
  });

  it('ends with 13 after the timeout, and the next run continues the job', async () => {
    const hold = join(laptop.dir, '../hold');
    writeFileSync(hold, '');
    changeModel(`while (existsSync('${hold}')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);`);
    const ran = await pipeline({ TIMEOUT: '1' });
    expect(ran).toMatchObject({
      status: 13,
      stderr: expect.stringMatching(/^job-\S+ is still running after 1 s; run the pipeline again to wait for it/m),
    });
    const { job } = made('job.json');
    rmSync(hold);
    expect(await laptop.run('mops', 'jobs', 'wait', job)).toMatchObject({ status: 0 });
    expect(await pipeline()).toMatchObject({ status: 0, stdout: expect.stringContaining('0 new, 16 reused') });
  });

  it('reports why a submission failed, and retries while a service is unreachable', async () => {
    rmSync(join(laptop.dir, '.modelops-bundle/registry.yaml'));
    expect(await pipeline()).toMatchObject({ status: 3, stderr: expect.stringMatching(/^hint: modelops-bundle register-model /m) });
    await laptop.run('modelops-bundle', 'register-model', 'models/seir.ts');
    const registry = { provider: 'docker', login_server: 'localhost:9', insecure: true };
    const away = { environment: 'away', registry, storage: { provider: 'fs', path: laptop.store } };
    mkdirSync(join(laptop.home, 'bundle-env'), { recursive: true });
    writeFileSync(join(laptop.home, 'bundle-env/away.yaml'), JSON.stringify(away));
    writeFileSync(join(laptop.dir, '.modelops-bundle/env'), 'away\n');
    const { status, stderr } = await pipeline();
    expect(status).toBe(6);
    expect(stderr.match(/^try \d: a service is unreachable; next try in 0 s$/gm)).toHaveLength(2);
  });
});
