import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Ran } from './laptop.ts';
import * as golden from './tiny/golden.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT_MS = 300_000;
let laptop: Laptop;
let job: string;
let tasks: { task_id: string; param_id: string; seed: number }[];

const jobs = (...args: string[]) => laptop.run('mops', 'jobs', ...args);

beforeAll(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1, 3, 7, 7.5, 9] });
  const submitted = await laptop.json<{ job: string }>(
    'mops',
    'jobs',
    'submit',
    'tiny.json',
    '--name',
    'tiny',
    '--label',
    'sweep=may',
    '--workers',
    '1',
    '--wait',
  );
  job = submitted.job;
  const { stdout } = await jobs('manifest', job, '--format', 'jsonl');
  tasks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ output_type }) => output_type === 'simulation');
}, TIMEOUT_MS);
afterAll(() => laptop.remove());

const expectGolden = (name: string, ran: Ran) => golden.expectGolden(name, ran, laptop);

describe('what each command prints', { timeout: TIMEOUT_MS }, () => {
  it.each<[string, ...string[]]>([
    ['status', 'status'],
    ['failures', 'failures'],
    ['wait', 'wait'],
    ['manifest', 'manifest'],
    ['validate.json', 'validate', '--json'],
    ['validate-force', 'validate', '--force'],
    ['resume-dry-run', 'resume', '--dry-run'],
    ['delete-unconfirmed', 'delete'],
    ['failures.json', 'failures', '--json'],
    ['manifest.json', 'manifest', '--json'],
  ])('%s', async (name, verb, ...options) => expectGolden(name, await jobs(verb, job, ...options)));

  it('lists of jobs, for people and as JSON', async () => {
    await expectGolden('list', await jobs('list'));
    await expectGolden('list.json', await jobs('list', '--json'));
    await expectGolden('status-list.json', await jobs('status', '--label', 'sweep=may', '--json'));
    await expectGolden('manifest-list-lines', await jobs('manifest', '--label', 'sweep=may', '--format', 'jsonl'));
    expect(await jobs('list', '--label', 'sweep=june')).toMatchObject({ status: 0, stdout: 'no matching jobs in environment local\n' });
    expect(await jobs('sync')).toMatchObject({ status: 0, stdout: 'no unfinished jobs\n' });
  });

  it('an explanation of a task that failed, and of one that has a result', async () => {
    await expectGolden('explain-failed', await jobs('explain', job, tasks[4]!.task_id));
    await expectGolden('explain-failed.json', await jobs('explain', job, tasks[4]!.task_id, '--json'));
    await expectGolden('explain-exists', await jobs('explain', job, tasks[0]!.task_id.slice(0, 12)));
    const crashed = await jobs('explain', job, `${tasks[8]!.param_id.slice(0, 8)}/${tasks[8]!.seed}`);
    expect(crashed).toMatchObject({ status: 0, stdout: expect.stringContaining(`${tasks[8]!.task_id}  failed`) });
  });

  it('an error for a person and as JSON', async () => {
    await expectGolden('status-not-found.json', await jobs('status', 'job-zzzz', '--json'));
    expect(await jobs('explain', job, 'f'.repeat(64))).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('next: mops jobs manifest'),
    });
    expect(await jobs('explain', job, 'task 5')).toMatchObject({ status: 2 });
    expect(await jobs('cancel')).toMatchObject({ status: 2, stderr: expect.stringContaining('hint: use job ids, or the filters') });
    expect(await jobs('cancel', job)).toMatchObject({ status: 0, stdout: `${job} is already partial\n` });
  });
});

describe('explain', { timeout: TIMEOUT_MS }, () => {
  it('runs a failed task here, prints the output of the model, and fails in the same way', async () => {
    await expectGolden('explain-run-exception', await jobs('explain', job, tasks[4]!.task_id, '--run'));
    expect(await jobs('explain', job, tasks[8]!.task_id, '--run')).toMatchObject({
      status: 11,
      stdout: expect.stringContaining('run here: failed'),
    });
  });

  it('accepts the command that `failures` prints', async () => {
    const { causes } = await laptop.json<{ causes: { reproduce: string; count: number }[] }>('mops', 'jobs', 'failures', job);
    expect(causes.map(({ count }) => count)).toEqual([4, 2]);
    for (const { reproduce } of causes) {
      const ran = await laptop.json('mops', ...reproduce.split(' ').slice(1));
      expect(ran).toMatchObject({ status_code: 11, run: { status: 'failed', comparison: { verdict: 'failed_same' } } });
    }
  });

  it('runs a task that has a result here, and stores nothing', async () => {
    const before = await jobs('manifest', job, '--missing');
    const ran = await laptop.json<object>('mops', 'jobs', 'explain', job, tasks[0]!.task_id, '--run');
    expect(ran).toMatchObject({ status_code: 0, run: { status: 'ok', outputs: [{ name: 'y', rows: 2, columns: ['t', 'v'] }] } });
    expect((await jobs('manifest', job, '--missing')).stdout).toBe(before.stdout);
  });
});

describe('delete', { timeout: TIMEOUT_MS }, () => {
  it('deletes the job and keeps its simulations for other jobs', async () => {
    const again = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    await expectGolden('delete', await jobs('delete', job, '--yes'));
    expect(await jobs('status', job)).toMatchObject({ status: 3 });
    const { jobs: left } = await laptop.json<{ jobs: { job: string }[] }>('mops', 'jobs', 'list');
    expect(left.map((one) => one.job)).toEqual([again.job]);
    expect(await laptop.json('mops', 'jobs', 'validate', again.job, '--force')).toMatchObject({ status: 'partial', verified: 4 });
    expect(await laptop.json('mops', 'jobs', 'delete', again.job, '--yes')).toMatchObject({
      schema: 'modelops.jobs.delete/v1',
      before: 'partial',
    });
    rmSync(join(laptop.home, 'cache'), { recursive: true });
  });
});

describe('submit and resume', { timeout: TIMEOUT_MS }, () => {
  const submit = ['submit', 'two.json', '--workers', '1', '--slots', '2'];
  const loseOne = async (of: string) => {
    const [, task] = (await jobs('manifest', of)).stdout.split('\t');
    expect(await laptop.run('mops', 'results', 'rm', task!)).toMatchObject({ status: 0 });
    expect(await jobs('validate', of, '--force')).toMatchObject({ status: 10 });
  };

  it('print a plan, the result of a job, and the result of its missing tasks', async () => {
    await writeTiny(laptop, { xs: [1.5, 2.5], replicates: 1, file: 'two.json' });
    await expectGolden('plan', await jobs(...submit, '--plan'));
    await expectGolden('plan.json', await jobs(...submit, '--plan', '--json'));
    await expectGolden('submit', await jobs(...submit, '--wait', '--quiet'));
    await expectGolden('submit.json', await jobs(...submit, '--wait', '--quiet', '--json'));
    const { jobs: made } = await laptop.json<{ jobs: { job: string }[] }>('mops', 'jobs', 'list', '--limit', '1');
    const newest = made[0]!.job;
    await loseOne(newest);
    await expectGolden('resume.json', await jobs('resume', newest, '--workers', '1', '--slots', '2', '--wait', '--quiet', '--json'));
  });
});
