import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Submitted } from './laptop.ts';
import { query } from './query.ts';

const MODEL = 'modelops.yaml:Seir';
const root = new URL('../../..', import.meta.url).pathname;

let laptop: Laptop;
afterEach(() => laptop.remove());

/** The commands of the README, up to the study. */
async function prepare(model: string, sets: number, ...more: string[]): Promise<void> {
  await laptop.must('modelops-bundle', 'init', 'epi-sim');
  await laptop.must('modelops-bundle', 'register-model', 'modelops.yaml');
  const design = ['--n-samples', String(sets), '--n-replicates', '2', ...more, '--output', 'study.json', '--force'];
  await laptop.must('cb', 'sampling', 'sobol', model, ...design);
}

const submit = () => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');

/** Parameters, seed and outputs (ordered by day) of every task in the store. */
async function tasksInStore() {
  const packs = `${laptop.store}/provenance/token/v1/sims/*/*/*`;
  const rows = await query<{ params: string; seed: bigint; infected: string }>(
    `SELECT i.params, i.seed, CAST(list(o.infected ORDER BY o.day) AS VARCHAR) AS infected FROM read_parquet('${packs}/_index.parquet') i
     JOIN read_parquet('${packs}/prevalence.parquet') o ON i.param_id = o.param_id AND i.seed = o.seed GROUP BY ALL`,
  );
  return rows.map(({ params, seed, infected }) => ({
    params: JSON.parse(params) as { beta: number; gamma: number },
    seed: String(seed),
    infected: JSON.parse(infected) as number[],
  }));
}

describe('the awk example on a laptop', () => {
  beforeEach(() => {
    laptop = openLaptop('command-awk');
  });

  it('has the results of a plain loop over the same seeds, and equal losses of a TypeScript and a Python target', async () => {
    cpSync(join(root, 'examples/seir-python/targets/prevalence.py'), join(laptop.dir, 'targets/python.py'));
    await prepare(MODEL, 4, '--targets', 'targets/prevalence.ts:prevalence', '--targets', 'targets/python.py:prevalence');
    const { job, status } = await submit();
    expect(status).toBe('succeeded');
    const tasks = await tasksInStore();
    expect(tasks).toHaveLength(8);
    const folder = mkdtempSync(join(tmpdir(), 'modelops-awk-'));
    for (const { params, seed, infected } of tasks) {
      const values = [`beta=${params.beta}`, `gamma=${params.gamma}`, `seed=${seed}`].flatMap((value) => ['-v', value]);
      execFileSync('awk', ['-f', join(laptop.dir, 'seir.awk'), ...values], { cwd: folder });
      const lines = readFileSync(join(folder, 'prevalence.csv'), 'utf8').trim().split('\n').slice(1);
      expect(lines.map((line) => Number(line.split(',')[1]))).toEqual(infected);
    }
    rmSync(folder, { recursive: true });
    const { losses } = await laptop.json<{ losses: readonly { target: string; param_id: string; loss: number }[] }>(
      'mops',
      'results',
      'losses',
      job,
    );
    const of = (target: string) => losses.filter((row) => row.target === target).sort((a, b) => (a.param_id < b.param_id ? -1 : 1));
    const [compiled, python] = [of('targets.prevalence.prevalence'), of('targets.python.prevalence')];
    expect(compiled).toHaveLength(4);
    for (const [at, { loss }] of compiled.entries()) expect(python[at]!.loss / loss).toBeCloseTo(1, 12);
  });

  it('is found by its registered name, and recomputed only if one of its files or its part of modelops.yaml changes', async () => {
    await prepare('Seir', 2, '--scenario', 'lockdown');
    expect(await submit()).toMatchObject({ status: 'succeeded', tasks: { new: 4 } });
    expect((await tasksInStore()).every(({ params }) => params.beta === 0.3)).toBe(true);
    const yaml = readFileSync(join(laptop.dir, 'modelops.yaml'), 'utf8');
    const other = '  Other: { command: "true", outputs: { out: { file: o.csv, columns: { x: float } } } }\n';
    writeFileSync(join(laptop.dir, 'modelops.yaml'), `# a comment\n${yaml}${other}`);
    expect((await submit()).tasks).toMatchObject({ new: 0, reused: 4 });
    appendFileSync(join(laptop.dir, 'seir.awk'), '\n# changed\n');
    expect((await submit()).tasks).toMatchObject({ new: 4, reused: 0 });
    writeFileSync(join(laptop.dir, 'modelops.yaml'), yaml.replace('-v seed=', '-v x=1 -v seed='));
    expect((await submit()).tasks).toMatchObject({ new: 4, reused: 0 });
  });

  it('that fails shows its exit status and the end of its stderr', async () => {
    const file = join(laptop.dir, 'seir.awk');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(
        'BEGIN {',
        'BEGIN {\n  if (beta > 1) { print "error: beta is too large" > "/dev/stderr"; exit 3 }',
      ),
    );
    await prepare(MODEL, 4);
    const { job, status } = await submit();
    expect(status).toBe('partial');
    const { stdout } = await laptop.run('mops', 'jobs', 'failures', job);
    expect(stdout).toContain('4 tasks: ExitStatus: awk exited with status 3: error: beta is too large');
  });
});

const hasR = spawnSync('Rscript', ['--version']).status === 0;
if (!hasR) console.log('the test of examples/r-seir is skipped: Rscript is not installed (Debian: apt-get install r-base-core)');

describe.skipIf(!hasR)('the R example on a laptop (needs Rscript)', () => {
  it('has the results of R called directly with the same parameters and seeds', async () => {
    laptop = openLaptop('r-seir');
    await prepare(MODEL, 2, '--targets', 'targets/prevalence.ts:prevalence');
    const { job, status } = await submit();
    expect(status).toBe('succeeded');
    const [first] = await tasksInStore();
    const { params, seed, infected } = first!;
    writeFileSync(join(laptop.dir, 'parameters.R'), `beta <- ${params.beta}; gamma <- ${params.gamma}; seed <- ${seed}\n`);
    execFileSync('Rscript', ['--vanilla', 'seir.R'], { cwd: laptop.dir });
    const lines = readFileSync(join(laptop.dir, 'prevalence.csv'), 'utf8').trim().split('\n').slice(1);
    expect(lines.map((line) => Number(line.split(',')[1]))).toEqual(infected);
    expect((await laptop.json<{ best: readonly unknown[] }>('mops', 'results', 'best', job)).best).toHaveLength(2);
  });
});
