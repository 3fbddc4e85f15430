import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare, type Submitted } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

interface Ranked {
  readonly weighted: {
    readonly best: readonly { readonly loss: number; readonly targets: Readonly<Record<string, { readonly loss: number }>> }[];
  };
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

const submit = (...args: string[]) => laptop.json<Submitted>('mops', 'jobs', 'submit', ...args);
const read = (file: string) => JSON.parse(readFileSync(join(laptop.dir, file), 'utf8'));
const specOf = (job: string) => JSON.parse(readFileSync(join(laptop.store, 'jobs', job, 'spec.json'), 'utf8'));
const stateOf = (job: string) => JSON.parse(readFileSync(join(laptop.store, 'jobs', job, 'state.json'), 'utf8'));

describe('jobs submit', () => {
  it('accepts every name of a bundle, each with the same tasks', async () => {
    await prepare(laptop, { sets: 2, replicates: 2 });
    const first = await submit('study.json', '--wait');
    expect(first).toMatchObject({ status: 'succeeded', tasks: { total: 4, new: 4, reused: 0 } });
    const digest = first.bundle_ref.split('@')[1]!;
    cpSync(laptop.dir, join(laptop.home, 'copy'), { recursive: true });
    const names = [
      ['--auto'],
      ['--build'],
      ...['latest', digest, first.bundle_ref, `local:${join(laptop.home, 'copy')}`].map((name) => ['--bundle', name]),
    ];
    for (const name of names)
      expect(await submit('study.json', ...name, '--wait')).toMatchObject({
        status: 'succeeded',
        bundle_ref: first.bundle_ref,
        tasks: { new: 0, reused: 4 },
      });
    const wrongs = [
      [3, /epi-sim has no tag v9[\s\S]*modelops-bundle list/, '--bundle', 'v9'],
      [2, /invalid bundle reference "sha256:12"/, '--bundle', 'sha256:12'],
      [3, /folder elsewhere not found/, '--bundle', 'local:elsewhere'],
      [2, /--bundle and --build/, '--bundle', 'latest', '--build'],
      [3, /--target: target nothing is not registered/, '--target', 'nothing'],
      [2, /--timeout needs --wait/, '--timeout', '5'],
      [2, /--name: is empty/, '--name='],
    ] as const;
    for (const [status, stderr, ...wrong] of wrongs)
      expect(await laptop.run('mops', 'jobs', 'submit', 'study.json', ...wrong)).toMatchObject({
        status,
        stdout: '',
        stderr: expect.stringMatching(stderr),
      });
  });

  it('suggests results best with a target, and results export without', async () => {
    await writeTiny(laptop, { xs: [1], replicates: 1 });
    const judged = await laptop.run('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    expect(judged.stdout).toMatch(/\nnext: mops results best job-/);
    await writeTiny(laptop, { xs: [1], replicates: 1, targets: false });
    const plain = await laptop.run('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    expect(plain.stdout).toMatch(/\nnext: mops results export job-/);
    const [job] = plain.stdout.match(/job-[a-z0-9]+/)!;
    expect((await laptop.run('mops', 'jobs', 'status', job!)).stdout).toMatch(/\nnext: mops results export job-/);
    expect(await laptop.run('mops', 'jobs', 'logs', job!)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining(`${job} has no logs`),
    });
  });

  it('keeps everything under MODELOPS_HOME, also if it is relative to the project folder', async () => {
    const near = openLaptop('seir-ts', { MODELOPS_HOME: '../home' });
    try {
      await prepare(near, { sets: 2, replicates: 1 });
      const { status, results } = await near.json<{ status: string; results: string }>('mops', 'jobs', 'submit', 'study.json', '--wait');
      expect(status).toBe('succeeded');
      expect(results).toMatch(new RegExp(`^${near.store}/results/job-`));
    } finally {
      await near.remove();
    }
  });

  it('reads a study from a pipe, in JSON or YAML', async () => {
    await prepare(laptop, { sets: 2, replicates: 1 });
    const study = read('study.json');
    const piped = await laptop.feed(JSON.stringify(study), 'mops', 'jobs', 'submit', '-', '--wait', '--json');
    expect(JSON.parse(piped.stdout)).toMatchObject({ status: 'succeeded', tasks: { total: 2, new: 2 } });
    const [a, b] = study.parameter_sets;
    const yaml = `model: ${study.model}\nparameter_sets:\n- ${JSON.stringify(a)}\n- ${JSON.stringify(b)}\ntargets: [${study.targets[0]}]\n`;
    const again = await laptop.feed(yaml, 'mops', 'jobs', 'submit', '-', '--wait', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'succeeded', tasks: { total: 2, reused: 2 } });
  });

  it('stores name, labels, limits, attempts and replicates in the job, and a config in the identity of its tasks', async () => {
    await prepare(laptop, { sets: 2, replicates: 2 });
    writeFileSync(join(laptop.dir, 'config.yaml'), 'horizon: 90\n');
    const plain = await submit('study.json', '--wait');
    const named = await submit(
      'study.json',
      '--wait',
      '--config',
      'config.yaml',
      '--name',
      'May sweep',
      '--label',
      'sweep=may',
      '--label',
      'who=me',
      '--max-attempts',
      '3',
      '--task-timeout',
      '90',
      '--task-memory',
      '512',
      '--min-replicates',
      '1',
      '--schema',
      'token',
    );
    expect([plain.tasks.new, named.tasks.new]).toEqual([4, 4]);
    expect(specOf(named.job)).toMatchObject({
      name: 'May sweep',
      labels: { sweep: 'may', who: 'me' },
      binding: { config: { horizon: 90 }, max_attempts: 3, timeout_s: 90, memory_mib: 512, min_replicates: 1, schema: 'token' },
    });
    expect(stateOf(named.job)).toMatchObject({ name: 'May sweep', labels: { sweep: 'may', who: 'me' } });
    expect(await submit('study.json', '--wait', '--schema', 'bundle')).toMatchObject({ tasks: { new: 4 } });
    expect(readdirSync(join(laptop.store, 'provenance')).sort()).toEqual(['bundle', 'token']);
  });

  it('evaluates the named targets or target set instead of those of the study', async () => {
    await prepare(laptop, { sets: 2, replicates: 2 });
    const source = readFileSync(join(laptop.dir, 'targets/prevalence.ts'), 'utf8');
    writeFileSync(join(laptop.dir, 'targets/second.ts'), source.replace(/export const \w+/, 'export const second'));
    await laptop.run('modelops-bundle', 'register-target', 'targets/second.ts:second', '--set', 'fit', '--weight', '3');
    await laptop.run('modelops-bundle', 'register-target', 'targets/prevalence.ts:prevalence', '--set', 'fit');
    const losses = async (job: string) => {
      const { losses } = await laptop.json<{ losses: { target: string }[] }>('mops', 'results', 'losses', job);
      return [...new Set(losses.map(({ target }) => target))].sort();
    };
    const one = await submit('study.json', '--wait', '--target', 'targets.second:second');
    expect(await losses(one.job)).toEqual(['second']);
    const both = await submit('study.json', '--wait', '--target-set', 'fit');
    expect(await losses(both.job)).toEqual(['prevalence', 'second']);
    expect(both).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 4 } });
    expect(specOf(both.job).binding.target_sets).toEqual({ fit: { prevalence: 1, second: 3 } });
    const best = (...options: string[]) => laptop.json<Ranked>('mops', 'results', 'best', both.job, '--target-set', 'fit', ...options);
    const [lowest] = (await best()).weighted.best;
    expect(lowest!.loss).toBeCloseTo(lowest!.targets.prevalence!.loss + 3 * lowest!.targets.second!.loss, 12);
    expect(await best('--weight', 'second=1')).toMatchObject({ target_set: 'fit', weights: { prevalence: 1, second: 1 } });
    await laptop.must('mops', 'report', both.job);
    const [section] = /<section id="set-fit".*?<\/section>/s.exec(readFileSync(join(laptop.dir, 'report.html'), 'utf8')) ?? [];
    expect(section).toMatch(/>prevalence × 1<.*>second × 3<.*<td>1<\/td>/s);
    const refused = await laptop.run('mops', 'results', 'best', one.job, '--target-set', 'fit');
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining('has no target set fit') });
  });

  it('loads a job with batches, with one warning, and never writes that format', async () => {
    await prepare(laptop, { sets: 2, replicates: 1 });
    const old = JSON.parse(readFileSync(new URL('../../contracts/golden/old/job-batches-own-seeds.json', import.meta.url), 'utf8'));
    writeFileSync(join(laptop.dir, 'old.json'), JSON.stringify(old));
    const ran = await laptop.run(
      'mops',
      'jobs',
      'submit',
      'old.json',
      '--auto',
      '--wait',
      '--json',
      '--target',
      'targets/prevalence.ts:prevalence',
    );
    const submitted = JSON.parse(ran.stdout) as Submitted;
    expect(submitted).toMatchObject({ status: 'succeeded', tasks: { total: 6, new: 6 }, parameter_sets: 2 });
    expect(ran.stderr.match(/deprecated/g)).toHaveLength(1);
    expect(ran.stderr).toMatch(/old\.json: batches: .* is deprecated; write a study instead/);
    expect(JSON.stringify(specOf(submitted.job))).not.toMatch(/batch/);
    const { losses } = await laptop.json<{ losses: { n_replicates: number }[] }>('mops', 'results', 'losses', submitted.job);
    expect(losses.map(({ n_replicates }) => n_replicates)).toEqual([3, 3]);
    // Without an option for the bundle, the job's own bundle is used.
    expect(await laptop.run('mops', 'jobs', 'submit', 'old.json')).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/simulation-workflow/),
    });
  });

  it('rejects a study that cannot run, with every problem and its fix, before anything is created', async () => {
    await prepare(laptop, { sets: 2, replicates: 1 });
    const study = { ...read('study.json'), scenario: 'nowhere', parameter_sets: [{ beta: 1 }], targets: ['targets/none.ts:none'] };
    writeFileSync(join(laptop.dir, 'bad.json'), JSON.stringify(study));
    mkdirSync(join(laptop.home, 'bundle-env'), { recursive: true });
    writeFileSync(
      join(laptop.home, 'bundle-env/dev.yaml'),
      JSON.stringify({
        environment: 'dev',
        registry: { provider: 'docker', login_server: 'localhost:9', insecure: true },
        storage: { provider: 'fs', path: laptop.store },
      }),
    );
    const ran = await laptop.run('mops', 'jobs', 'submit', 'bad.json', '--label', 'bad label=1', '--json');
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    const { problems } = JSON.parse(ran.stderr.slice(ran.stderr.indexOf('{'))).error as { problems: { path: string; fix: string }[] };
    expect(problems.map(({ path }) => path)).toEqual(['scenario', 'parameter_sets[0]', 'targets[0]', '--label']);
    expect(problems.every(({ fix }) => fix.length > 0)).toBe(true);
    expect(existsSync(laptop.store) && readdirSync(laptop.store)).toEqual(false);
    expect(existsSync(join(laptop.home, 'registry'))).toBe(false);
    const elsewhere = await laptop.run('mops', 'jobs', 'submit', 'study.json', '--env', 'dev', '--bundle', `sha256:${'0'.repeat(64)}`);
    expect(elsewhere.status).toBe(6);
  });
});

describe('jobs submit --follow', () => {
  it('waits, and prints worker logs and failures besides the result', async () => {
    await writeTiny(laptop, { xs: [1, 7, 6.5], replicates: 2 });
    const ran = await laptop.run('mops', 'jobs', 'submit', 'tiny.json', '--follow', '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({ status: 'partial', waited: true, missing: { count: 6 } });
    expect(ran.status).toBe(10);
    expect(ran.stderr).toMatch(/^\[\d\] .*chunk \d+: /m);
    // Failures of one cause are reported in full once, then counted, as they occur.
    const lines = [
      ...ran.stderr.matchAll(/^(\d+) (?:tasks? failed|more failed \(\d tasks now\)): RangeError: x is (?:7|6\.5), which is too large$/gm),
    ];
    expect(lines.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(4);
    expect(ran.stderr.match(/e\.g\. \{"x":(7|6\.5)\} seed \d+, task [0-9a-f]{64}/g)).toHaveLength(1);
  });
});
