import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, until } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

interface Resumed {
  readonly attempt: number;
  readonly tasks: number;
  readonly status: string;
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

const jobFile = (job: string, file: string) => join(laptop.store, 'jobs', job, file);
const edit = (file: string, from: string, to: string) => {
  const path = join(laptop.dir, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
  writeFileSync(path, text.replace(from, to));
};
const submit = async (...args: string[]) => (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', ...args)).job;
const resume = (job: string, ...args: string[]) => laptop.json<Resumed>('mops', 'jobs', 'resume', job, ...args);

describe('jobs resume', () => {
  it('binds a job to another bundle, and reports what that invalidates, also in a dry run', async () => {
    await writeTiny(laptop, { xs: [1, 2, 7], replicates: 2 });
    const job = await submit('--wait');
    const [spec, state] = [readFileSync(jobFile(job, 'spec.json')), readFileSync(jobFile(job, 'state.json'))];

    edit('targets/fit.ts', 'meanSignalMse()', 'rmse()');
    edit('targets/fit.ts', 'meanSignalMse', 'rmse');
    const latest = await laptop.run('mops', 'jobs', 'resume', job, '--bundle', 'latest', '--dry-run');
    expect(latest.stderr).toMatch(/the working tree differs from bundle latest \([0-9a-f]{12}\), which is used; to use the tree/);
    expect(await resume(job, '--bundle', 'local:.', '--dry-run')).toMatchObject({
      dry_run: true,
      attempt: 2,
      tasks: 2,
      rebinding: { is_model_changed: false, changed_targets: ['fit'], invalidated: { tasks: 0, aggregations: 2 } },
    });
    edit('models/tiny.ts', 'x > 6', 'x > 7.5');
    const expected = { is_model_changed: true, changed_targets: ['fit'], invalidated: { tasks: 4, aggregations: 2 } };
    expect(await resume(job, '--bundle', 'local:.', '--dry-run')).toMatchObject({ tasks: 6, rebinding: expected });
    expect(readFileSync(jobFile(job, 'state.json'))).toEqual(state);
    expect(readdirSync(join(laptop.store, 'jobs', job)).sort()).toEqual(['attempts', 'attribution', 'columns', 'spec.json', 'state.json']);

    const resumed = await resume(job, '--bundle', 'local:.', '--wait');
    expect(resumed).toMatchObject({ status: 'succeeded', status_code: 0, attempt: 2, tasks: 6, rebinding: expected });
    expect(readFileSync(jobFile(job, 'spec.json'))).toEqual(spec);
    const { to } = (resumed as unknown as { rebinding: { to: string } }).rebinding;
    expect(await laptop.json('mops', 'jobs', 'status', job)).toMatchObject({ bundle_ref: to, status: 'succeeded' });
    // The same study with the same code again: all results exist.
    expect(await laptop.json('mops', 'jobs', 'submit', 'tiny.json', '--plan')).toMatchObject({ tasks: { new: 0, reused: 6 } });
    const again = await laptop.run('mops', 'jobs', 'resume', job);
    expect(again).toMatchObject({
      status: 4,
      stderr: expect.stringMatching(
        /cannot resume job-\S+: it is succeeded[\s\S]*hint: to check its outputs again: mops jobs validate job-\S+ --force/,
      ),
    });
  });

  it('rejects a bundle that cannot run the job, with every problem, and does not change the job', async () => {
    await writeTiny(laptop, { xs: [1, 7] });
    const job = await submit('--wait');
    const state = readFileSync(jobFile(job, 'state.json'));
    edit('models/tiny.ts', 'parameters: { x: float(0, 11) }', 'parameters: { x: float(0, 11), z: float(0, 1) }');
    edit('models/tiny.ts', "outputs: ['y']", "outputs: ['w']");
    const ran = await laptop.run('mops', 'jobs', 'resume', job, '--bundle', 'local:.');
    expect(ran.status).toBe(2);
    expect(ran.stderr).toMatch(/parameter_sets\[0\].*z has no value[\s\S]*reads output y, which the model lacks/);
    expect(readFileSync(jobFile(job, 'state.json'))).toEqual(state);
  });

  it('three times concurrently starts one attempt, and rejects the others', async () => {
    await writeTiny(laptop, { xs: [1, 7] });
    const job = await submit('--wait');
    edit('models/tiny.ts', 'x > 6', 'x > 7.5');
    const runs = await Promise.all([1, 2, 3].map(() => laptop.run('mops', 'jobs', 'resume', job, '--bundle', 'local:.')));
    expect(runs.map(({ status }) => status).sort()).toEqual([0, 4, 4]);
    for (const { status, stderr } of runs)
      if (status === 4) expect(stderr).toMatch(/another command resumed job-\S+ at the same time|cannot resume job-\S+: it is \w+/);
    expect(await laptop.json('mops', 'jobs', 'wait', job)).toMatchObject({ status: 'succeeded' });
    expect(JSON.parse(readFileSync(jobFile(job, 'state.json'), 'utf8')).attempts).toHaveLength(2);
  });

  it('continues a cancelled job, and a job whose tasks all failed', async () => {
    const hold = join(laptop.home, 'hold');
    mkdirSync(laptop.home, { recursive: true });
    writeFileSync(hold, '');
    // Without a target, because its evaluation may wait for the held task.
    await writeTiny(laptop, { xs: [1, 5], replicates: 1, hold, targets: false });
    const job = await submit('--workers', '2');
    const dones = jobFile(job, 'attempts/1/done');
    await until(() => existsSync(dones) && readdirSync(dones).length === 1);
    expect(await laptop.json('mops', 'jobs', 'cancel', job)).toMatchObject({ status: 'cancelled' });
    rmSync(hold);
    expect(await resume(job, '--dry-run')).toMatchObject({ tasks: 1, attempt: 2, status: 'cancelled' });
    expect(await resume(job, '--wait')).toMatchObject({ status: 'succeeded', tasks: 1, attempt: 2 });

    await writeTiny(laptop, { xs: [7], replicates: 2, hold });
    const failed = await submit('--wait');
    expect(await laptop.json('mops', 'jobs', 'status', failed)).toMatchObject({ status: 'failed' });
    expect(await resume(failed, '--wait')).toMatchObject({ status: 'failed', status_code: 11, tasks: 2, attempt: 2 });
    edit('models/tiny.ts', 'x > 6', 'x > 7.5');
    expect(await resume(failed, '--bundle', 'local:.', '--wait')).toMatchObject({ status: 'succeeded', tasks: 2, attempt: 3 });
  });

  it('binds a job of an older version, which no worker could run unchanged', async () => {
    const old = (name: string) => new URL(`../../contracts/golden/old/${name}.json`, import.meta.url);
    const job = 'job-77aa01fe';
    mkdirSync(join(laptop.store, 'jobs', job), { recursive: true });
    cpSync(old('job-tasks'), jobFile(job, 'spec.json'));
    cpSync(old('state-v3'), jobFile(job, 'state.json'));
    expect(await laptop.json('mops', 'jobs', 'list')).toMatchObject({ jobs: [{ job, status: 'partial', tasks: 4 }] });
    await laptop.run('modelops-bundle', 'init', 'epi-sim');
    await laptop.run('modelops-bundle', 'register-model', 'models/seir.ts');
    expect(await laptop.run('mops', 'jobs', 'resume', job)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/older version[\s\S]*--bundle latest/),
    });
    expect(await laptop.run('mops', 'jobs', 'resume', job, '--bundle', 'local:.')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /scenario lockdown fixes beta at 0.3, and the study has 0.35[\s\S]*submit the corrected study as a new job/,
      ),
    });
    edit('models/seir.ts', 'lockdown: { params: { beta: 0.3 } }', 'lockdown: { params: {} }');
    expect(await resume(job, '--bundle', 'local:.', '--wait')).toMatchObject({ status: 'succeeded', tasks: 4 });
    const written = readFileSync(jobFile(job, 'state.json'), 'utf8');
    expect(JSON.parse(written)).toMatchObject({ namespace: 'modelops-dask-dev', tasks_verified: 4 });
    expect(written).not.toMatch(/output_type|verified_outputs/);
  });
});
