import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Submitted } from './laptop.ts';
import { compareWithPlainLoop } from './plain-loop.ts';

const MODEL = 'models/seir.py:stochastic_seir';
const root = new URL('../../..', import.meta.url).pathname;

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop('seir-python');
});
afterEach(() => laptop.remove());

/** The commands of the README, up to the study. */
async function prepare(...targets: string[]): Promise<void> {
  await laptop.must('modelops-bundle', 'init', 'epi-sim');
  await laptop.must('modelops-bundle', 'register-model', 'models/seir.py');
  const design = [
    '--n-samples',
    '8',
    '--n-replicates',
    '2',
    ...targets.flatMap((target) => ['--targets', target]),
    '--output',
    'study.json',
    '--force',
  ];
  await laptop.must('cb', 'sampling', 'sobol', MODEL, ...design);
}

const submit = () => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');

describe('a Python model on a laptop', () => {
  it('has the results of a plain loop over the same seeds, and losses of a Python target', async () => {
    await prepare('targets/prevalence.py:prevalence');
    const { job, status } = await submit();
    expect(status).toBe('succeeded');
    expect(await compareWithPlainLoop(laptop, { model: MODEL, output: 'prevalence', column: 'infected', by: 'day' })).toBe(16);
    const { best } = await laptop.json<{ best: readonly { loss: number; n_replicates: number }[] }>('mops', 'results', 'best', job);
    expect(best[0]).toMatchObject({ loss: expect.any(Number), n_replicates: 2 });
  });

  it('runs in separate processes if its import starts a thread', async () => {
    const file = join(laptop.dir, 'models/seir.py');
    const thread = 'import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n';
    writeFileSync(file, readFileSync(file, 'utf8').replace('from modelops', `${thread}from modelops`));
    await prepare();
    expect(await submit()).toMatchObject({ status: 'succeeded', tasks: { new: 16 } });
  });

  it('is recomputed if a module that it imports changes, and for no other file', async () => {
    await prepare('targets/prevalence.py:prevalence');
    expect((await submit()).tasks).toMatchObject({ new: 16 });
    writeFileSync(join(laptop.dir, 'models/other.py'), 'x = 1\n');
    expect((await submit()).tasks).toMatchObject({ new: 0, reused: 16 });
    appendFileSync(join(laptop.dir, 'models/binomial.py'), '\n# changed\n');
    expect((await submit()).tasks).toMatchObject({ new: 16, reused: 0 });
  });

  it('is recomputed if its lock changes', async () => {
    const lock = join(laptop.dir, 'pylock.toml');
    writeFileSync(lock, 'packages = []\n');
    await prepare();
    expect((await submit()).tasks).toMatchObject({ new: 16 });
    expect((await submit()).tasks).toMatchObject({ new: 0, reused: 16 });
    writeFileSync(lock, 'packages = []\ncreated-by = "test"\n');
    expect((await submit()).tasks).toMatchObject({ new: 16, reused: 0 });
  });

  it('is sampled a second time without starting Python', async () => {
    const folder = join(laptop.home, 'python');
    execFileSync('python3', ['-m', 'venv', '--copies', '--without-pip', '--system-site-packages', folder]);
    laptop.env.MODELOPS_PYTHON = join(folder, 'bin/python3');
    writeFileSync(join(laptop.dir, 'pylock.toml'), 'packages = []\n');
    await prepare('targets/prevalence.py:prevalence');
    const study = readFileSync(join(laptop.dir, 'study.json'), 'utf8');
    chmodSync(laptop.env.MODELOPS_PYTHON, 0); // neither it nor its environment can start now
    const environments = join(laptop.home, 'cache/environments');
    const [environment] = readdirSync(environments).filter((name) => name !== 'locks');
    rmSync(join(environments, environment!, 'bin/python'));
    symlinkSync(laptop.env.MODELOPS_PYTHON, join(environments, environment!, 'bin/python'));
    const sample = [
      'cb',
      'sampling',
      'sobol',
      MODEL,
      '--n-samples',
      '8',
      '--n-replicates',
      '2',
      '--output',
      'study.json',
      '--force',
    ] as const;
    await laptop.must(...sample, '--targets', 'targets/prevalence.py:prevalence');
    expect(readFileSync(join(laptop.dir, 'study.json'), 'utf8')).toBe(study);
    appendFileSync(join(laptop.dir, 'models/binomial.py'), '\n# changed\n');
    expect(await laptop.run(...sample)).toMatchObject({ status: 2, stderr: expect.stringContaining('env build --rebuild') });
  });

  it('that does not find a file reports the command that declares it', async () => {
    const file = join(laptop.dir, 'models/seir.py');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('    infected = []\n', '    infected = []\n    open("data/contacts.csv").close()\n'),
    );
    await prepare();
    const { job, status } = await submit();
    expect(status).toBe('failed');
    const { stdout } = await laptop.run('mops', 'jobs', 'failures', job);
    expect(stdout).toContain(`modelops-bundle register-model ${MODEL} --data data/contacts.csv`);
  });

  it('has the same loss by equivalent TypeScript and Python targets', async () => {
    cpSync(join(root, 'examples/seir-ts/targets/prevalence.ts'), join(laptop.dir, 'targets/compiled.ts'));
    await prepare('targets/prevalence.py:prevalence', 'targets/compiled.ts:prevalence');
    const { job, status } = await submit();
    expect(status).toBe('succeeded');
    const { losses } = await laptop.json<{ losses: readonly { target: string; param_id: string; loss: number }[] }>(
      'mops',
      'results',
      'losses',
      job,
    );
    const of = (target: string) => losses.filter((row) => row.target === target).sort((a, b) => (a.param_id < b.param_id ? -1 : 1));
    const [python, compiled] = [of('targets.prevalence.prevalence'), of('targets.compiled.prevalence')];
    expect(python).toHaveLength(8);
    for (const [at, { loss }] of python!.entries()) expect(loss / compiled![at]!.loss).toBeCloseTo(1, 12);
  });

  it('that fails shows the line of its own file', async () => {
    appendFileSync(join(laptop.dir, 'models/seir.py'), '\n\ndef broken(): raise ValueError("no such state")\n');
    const text = readFileSync(join(laptop.dir, 'models/seir.py'), 'utf8');
    writeFileSync(join(laptop.dir, 'models/seir.py'), text.replace('    infected = []\n', '    infected = []\n    broken()\n'));
    await prepare('targets/prevalence.py:prevalence');
    const { job, status } = await submit();
    expect(status).toBe('failed');
    const { stdout } = await laptop.run('mops', 'jobs', 'failures', job);
    expect(stdout).toContain('ValueError: no such state');
    expect(JSON.stringify(await laptop.json('mops', 'jobs', 'failures', job))).toMatch(/File \\"models\/seir\.py\\", line \d+, in broken/);
  });
});
