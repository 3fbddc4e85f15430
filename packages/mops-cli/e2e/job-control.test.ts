import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Laptop, programFile } from './laptop.ts';
import { type HeldLaptop, openHeld } from './tiny/held.ts';
import { ended, onlyJob, processesOf, recordOf, signalAll, untilHeld } from './tiny/processes.ts';

const TIMEOUT = 300_000;
let held: HeldLaptop;
let laptop: Laptop;
let release: () => void;

/** A job of 12 tasks; those at x = 5 wait until `release`. */
beforeEach(async () => {
  held = await openHeld({ xs: [1, 2, 3, 4, 5, 6] });
  ({ laptop, release } = held);
}, TIMEOUT);
afterEach(() => held.close(), TIMEOUT);

const wait = (job: string, ...args: string[]) => laptop.json<{ status: string; verified: number }>('mops', 'jobs', 'wait', job, ...args);
const SUCCEEDED = { status: 'succeeded', verified: 12, status_code: 0 };

/** Submits a job and waits until one of its tasks is held and the results of others are written. */
async function submitHeld(...args: string[]): Promise<string> {
  const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', ...args);
  await untilHeld(held.hold);
  const done = join(laptop.store, 'jobs', job, 'attempts/1/done');
  await vi.waitFor(() => expect(readdirSync(done)).not.toEqual([]), { timeout: 120_000, interval: 50 });
  return job;
}

describe('a job continues', { timeout: TIMEOUT }, () => {
  it('when the terminal of its submission closes', async () => {
    // A real terminal, of `script`: when it closes, the kernel sends SIGHUP to everything in it.
    const command = `exec '${process.execPath}' '${programFile('mops')}' jobs submit tiny.json --wait`;
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: laptop.dir,
      env: { ...laptop.env, SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    held.owns(terminal);
    let shown = '';
    terminal.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString();
    });
    await untilHeld(held.hold);
    const job = await onlyJob(laptop);
    await vi.waitFor(() => expect(shown).toMatch(/running|scheduled/), { timeout: 60_000 });
    terminal.kill('SIGKILL');
    await once(terminal, 'close');
    release();
    expect(await wait(job)).toMatchObject(SUCCEEDED);
  });

  it('when the process group of its submission receives SIGHUP', async () => {
    const submitter = spawn(process.execPath, [programFile('mops'), 'jobs', 'submit', 'tiny.json', '--wait'], {
      cwd: laptop.dir,
      env: laptop.env,
      stdio: 'ignore',
      detached: true,
    });
    held.owns(submitter);
    await untilHeld(held.hold);
    const job = await onlyJob(laptop);
    process.kill(-submitter.pid!, 'SIGHUP');
    expect(await ended(submitter)).toEqual({ code: null, signal: 'SIGHUP' });
    release();
    expect(await wait(job)).toMatchObject(SUCCEEDED);
  });

  it('when its supervisor is killed: the workers finish, and the one with the last chunk finalises', async () => {
    const job = await submitHeld('--workers', '2');
    const { supervisor, workers } = processesOf(laptop, job);
    process.kill(supervisor, 'SIGKILL');
    expect(await laptop.json('mops', 'jobs', 'sync')).toMatchObject({ changed: 0, jobs: [{ job, status: 'running', engine: 'running' }] });
    release();
    await vi.waitFor(() => expect(workers.some(isThere)).toBe(false), { timeout: 60_000 });
    // Only the workers have read the job since.
    const { jobs } = await laptop.json<{ jobs: { status: string }[] }>('mops', 'jobs', 'list');
    expect(jobs).toMatchObject([{ job, status: 'succeeded', missing: 0 }]);
  });

  it('while its number of workers changes', async () => {
    const job = await submitHeld('--workers', '1', '--slots', '1');
    const scale = (workers: number) => laptop.json('mops', 'jobs', 'scale', job, '--workers', String(workers));
    expect(await scale(2)).toMatchObject({ job, before: 1, workers: 2, most: 6, status_code: 0 });
    // The second worker runs what is left, if anything is, beside the task that holds the first.
    const status = () => laptop.json('mops', 'jobs', 'status', job);
    const engine = { workers: { active: 1, succeeded: 1 }, problems: [] };
    await vi.waitFor(async () => expect(await status()).toMatchObject({ engine }), { timeout: 60_000 });
    expect(await scale(1)).toMatchObject({ before: 2, workers: 1 });
    await vi.waitFor(() => expect(processesOf(laptop, job).workers).toHaveLength(1), { timeout: 60_000 });
    release();
    expect(await wait(job)).toMatchObject(SUCCEEDED);
    expect(await status()).toMatchObject({ computed: 12 });
    expect(await laptop.run('mops', 'jobs', 'scale', job, '--workers', '2')).toMatchObject({
      status: 4,
      stderr: `error: ${job} is succeeded: it has no workers whose number could change\nhint: mops jobs status ${job}\n`,
    });
  });

  it('after all of its processes were suspended', async () => {
    const job = await submitHeld('--workers', '2');
    const list = () => laptop.json<{ jobs: { done: number }[] }>('mops', 'jobs', 'list');
    const { supervisor, workers, hosts } = processesOf(laptop, job);
    const all = [supervisor, ...workers, ...hosts];
    expect(hosts.length).toBeGreaterThan(0);
    signalAll(all, 'SIGSTOP');
    // A suspended process is alive: no command ends the job.
    expect(await laptop.json('mops', 'jobs', 'sync')).toMatchObject({ changed: 0, jobs: [{ status: 'running', engine: 'running' }] });
    const waited = await laptop.run('mops', 'jobs', 'wait', job, '--timeout', '5');
    const { jobs } = await list();
    expect(jobs).toMatchObject([{ status: 'running', missing: null }]);
    expect(waited).toMatchObject({ status: 13, stdout: `${job} running: ${jobs[0]!.done} of 12 tasks\nnext: mops jobs status ${job}\n` });
    expect((await laptop.must('mops', 'jobs', 'list')).stdout).toMatch(new RegExp(`running +12 +${jobs[0]!.done} +- `));
    signalAll(all, 'SIGCONT');
    release();
    expect(await wait(job)).toMatchObject(SUCCEEDED);
    expect(recordOf(laptop, job).workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
  });
});

describe('a job whose processes have all died', { timeout: TIMEOUT }, () => {
  it('is validated by its outputs, first in a dry run, and resumed', async () => {
    const job = await submitHeld('--workers', '1');
    const { supervisor, workers, hosts } = processesOf(laptop, job);
    signalAll([supervisor, ...workers, ...hosts], 'SIGKILL');
    await vi.waitFor(() => expect([supervisor, ...workers].some(isThere)).toBe(false), { timeout: 30_000 });
    const dry = await laptop.json('mops', 'jobs', 'sync', '--dry-run');
    expect(dry).toMatchObject({
      dry_run: true,
      changed: 0,
      jobs: [{ job, before: 'running', status: 'running', engine: 'ended', repair: 'validate' }],
    });
    const left = await laptop.json('mops', 'jobs', 'sync', '--no-validate');
    expect(left).toMatchObject({ changed: 0, jobs: [{ status: 'running', repair: 'validate' }] });
    const synced = await laptop.json<{ jobs: { status: string }[] }>('mops', 'jobs', 'sync');
    expect(synced).toMatchObject({ changed: 1, jobs: [{ before: 'running', status: 'partial' }] });
    const { missing } = await laptop.json<{ missing: number }>('mops', 'jobs', 'failures', job);
    expect(missing).toBeGreaterThan(0);
    release();
    expect(await laptop.run('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({
      status: 0,
      stdout: `${job} succeeded after attempt 2: 12 of 12 tasks\n`,
      stderr: expect.stringContaining(`${job}: ${missing} tasks as attempt 2`),
    });
  });

  it('is detected by a wait', async () => {
    const job = await submitHeld('--workers', '1');
    const waiting = held.start('jobs', 'wait', job, '--json');
    const { supervisor, workers, hosts } = processesOf(laptop, job);
    signalAll([supervisor, ...workers, ...hosts], 'SIGKILL');
    expect(await ended(waiting)).toEqual({ code: 10, signal: null });
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
