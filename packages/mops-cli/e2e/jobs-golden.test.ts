import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Ran } from './laptop.ts';
import * as golden from './tiny/golden.ts';
import { writeTiny } from './tiny/project.ts';

const PATIENCE = 300_000;
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
}, PATIENCE);
afterAll(() => laptop.remove());

const expectBoth = (name: string, ...args: string[]) => golden.expectBoth(laptop, name, ...args);
const expectGolden = (name: string, ran: Ran) => golden.expectGolden(name, ran, laptop);

describe('what each command prints', { timeout: PATIENCE }, () => {
  it('status', () => expectBoth('status', 'status', job));
  it('status of several, by a filter', () => expectBoth('status-list', 'status', '--label', 'sweep=may'));
  it('list', () => expectBoth('list', 'list'));
  it('list of none', () => expectBoth('list-none', 'list', '--label', 'sweep=june'));
  it('wait', () => expectBoth('wait', 'wait', job));
  it('manifest', () => expectBoth('manifest', 'manifest', job));
  it('manifest of several', () => expectBoth('manifest-list', 'manifest', '--label', 'sweep=may'));
  it('manifest of several, an object a line', async () =>
    expectGolden('manifest-list-lines', await jobs('manifest', '--label', 'sweep=may', '--format', 'jsonl')));
  it('manifest of what is missing', async () =>
    expectGolden('manifest-missing', await jobs('manifest', job, '--missing', '--format', 'jsonl')));
  it('failures', () => expectBoth('failures', 'failures', job));
  it('explain of a failed task', () => expectBoth('explain-failed', 'explain', job, tasks[4]!.task_id));
  it('explain of a task whose process died, by parameter set and seed', () =>
    expectBoth('explain-crashed', 'explain', job, `${tasks[8]!.param_id.slice(0, 8)}/${tasks[8]!.seed}`));
  it('explain of a task that has a result', () => expectBoth('explain-exists', 'explain', job, tasks[0]!.task_id.slice(0, 12)));
  it('explain of a task of another job', () => expectBoth('explain-not-in-job', 'explain', job, 'f'.repeat(64)));
  it('explain of a name that is none', () => expectBoth('explain-bad-name', 'explain', job, 'task 5'));
  it('validate of a job that has ended', () => expectBoth('validate', 'validate', job));
  it('validate by force', () => expectBoth('validate-force', 'validate', job, '--force'));
  it('sync with nothing to do', () => expectBoth('sync-idle', 'sync'));
  it('cancel of a job that has ended', () => expectBoth('cancel-ended', 'cancel', job));
  it('cancel of no job', () => expectBoth('cancel-unnamed', 'cancel'));
  it('resume, asked what it would do', () => expectBoth('resume-dry-run', 'resume', job, '--dry-run'));
  it('delete without a yes', () => expectBoth('delete-unconfirmed', 'delete', job));
  it('an id that is no job', () => expectBoth('status-not-found', 'status', 'job-zzzz'));
});

describe('explain', { timeout: PATIENCE }, () => {
  it('runs a failed task here, with what the model prints, and fails as it did', async () => {
    for (const [name, at] of [
      ['exception', 4],
      ['crash', 8],
    ] as const) {
      const ran = await jobs('explain', job, tasks[at]!.task_id, '--run');
      expect(ran.status).toBe(11);
      await expectGolden(`explain-run-${name}`, ran);
    }
  });

  it('gives the command that `failures` prints, word for word', async () => {
    const { causes } = await laptop.json<{ causes: { reproduce: string; count: number }[] }>('mops', 'jobs', 'failures', job);
    expect(causes.map(({ count }) => count)).toEqual([4, 2]);
    for (const { reproduce } of causes) {
      const ran = await laptop.json<{ run: { status: string }; story: { state: string } }>('mops', ...reproduce.split(' ').slice(1));
      expect(ran).toMatchObject({ status_code: 11, run: { status: 'failed' }, story: { state: 'failed' } });
    }
  });

  it('runs a task that has a result here, and stores nothing', async () => {
    const before = await jobs('manifest', job, '--missing');
    const ran = await laptop.json<object>('mops', 'jobs', 'explain', job, tasks[0]!.task_id, '--run');
    expect(ran).toMatchObject({ status_code: 0, run: { status: 'ok', outputs: [{ name: 'y', rows: 2, columns: ['t', 'v'] }] } });
    expect((await jobs('manifest', job, '--missing')).stdout).toBe(before.stdout);
  });
});

describe('delete', { timeout: PATIENCE }, () => {
  it('takes the job away and leaves its simulations to the others', async () => {
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

describe('submit and resume', { timeout: PATIENCE }, () => {
  const submit = ['submit', 'two.json', '--workers', '1'];
  const loseOne = async (of: string) => {
    const [, task] = (await jobs('manifest', of)).stdout.split('\t');
    expect(await laptop.run('mops', 'results', 'rm', task!)).toMatchObject({ status: 0 });
    expect(await jobs('validate', of, '--force')).toMatchObject({ status: 10 });
  };

  it('print a plan, what came of a job, and what came of its missing tasks', async () => {
    await writeTiny(laptop, { xs: [1.5, 2.5], replicates: 1, file: 'two.json' });
    await expectGolden('plan', await jobs(...submit, '--plan'));
    await expectGolden('plan.json', await jobs(...submit, '--plan', '--json'));
    await expectGolden('submit', await jobs(...submit, '--wait', '--quiet'));
    await expectGolden('submit.json', await jobs(...submit, '--wait', '--quiet', '--json'));
    const { jobs: made } = await laptop.json<{ jobs: { job: string }[] }>('mops', 'jobs', 'list', '--limit', '1');
    const newest = made[0]!.job;
    await loseOne(newest);
    await expectGolden('resume', await jobs('resume', newest, '--workers', '1', '--wait', '--quiet'));
    await loseOne(newest);
    await expectGolden('resume.json', await jobs('resume', newest, '--workers', '1', '--wait', '--quiet', '--json'));
  });
});
