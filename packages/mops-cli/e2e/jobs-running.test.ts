import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Laptop } from './laptop.ts';
import { expectBoth, expectGolden } from './tiny/golden.ts';
import { type HeldLaptop, openHeld } from './tiny/held.ts';
import { ended, processesOf, signalAll, untilHeld } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT_MS = 300_000;
let held: HeldLaptop;
let laptop: Laptop;
let release: () => void;
let job: string;

/** A job of four tasks in four chunks, whose worker is held at the first until `release`. */
beforeEach(async () => {
  held = await openHeld({ xs: [5], replicates: 4 });
  ({ laptop, release } = held);
  job = (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--workers', '1')).job;
  await untilHeld(held.hold);
}, TIMEOUT_MS);
afterEach(() => held.close(), TIMEOUT_MS);

const jobs = (...args: string[]) => laptop.run('mops', 'jobs', ...args);

/** A running command and its output so far. */
function start(...args: string[]): { child: ChildProcess; output: { stdout: string; stderr: string } } {
  const child = held.start('jobs', ...args);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]!.on('data', (bytes: Buffer) => {
      output[stream] += bytes.toString();
    });
  return { child, output };
}

const until = (isTrue: () => void | Promise<void>) => vi.waitFor(isTrue, { timeout: 120_000, interval: 50 });

async function killEverything(): Promise<void> {
  const { supervisor, workers, hosts } = processesOf(laptop, job);
  signalAll([supervisor, ...workers, ...hosts], 'SIGKILL');
  await vi.waitFor(async () => expect((await jobs('sync', '--dry-run')).stdout).toContain('(workers: ended)'), { timeout: 60_000 });
}

async function tasksOf(): Promise<string[]> {
  const { stdout } = await jobs('manifest', job);
  return [...stdout.matchAll(/^simulation\t([0-9a-f]{64})/gm)].map(([, id]) => id!);
}

describe('a job that is running', { timeout: TIMEOUT_MS }, () => {
  it('is shown with its progress and the next command', async () => {
    expect((await jobs('status', job)).stdout).toMatch(
      /running\n[\s\S]*tasks {4}0 of 4 done[\s\S]*workers {2}1 active[\s\S]*next: mops jobs wait/,
    );
  });

  it('is shown by status --watch until it has ended', async () => {
    const { child, output } = start('status', job, '--watch', '--interval', '0.2');
    await until(() => expect(output.stderr).toContain('running'));
    expect(output.stdout).toBe('');
    release();
    expect(await ended(child)).toEqual({ code: 0, signal: null });
    await until(() =>
      expect(output.stdout).toMatch(
        new RegExp(`^${job} {2}succeeded\n[\\s\\S]*tasks {4}4 of 4 done[\\s\\S]*\nnext: mops results best ${job}\n$`),
      ),
    );
  });

  it('distinguishes a running task from a waiting one', async () => {
    const [first, , , last] = await tasksOf();
    const running = await jobs('explain', job, first!);
    expect(running).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        / {2}is running\n[\s\S]*\n {2}worker {3}0 \(.+\) since 20.*, chunk 0 of attempt 1\nnext: mops jobs wait /,
      ),
    });
    const waiting = await jobs('explain', job, last!);
    expect(waiting.stdout).toMatch(
      / {2}is waiting for a worker\n[\s\S]*\n {2}chunk {4}\d of attempt 1, which no worker has claimed yet\nnext: mops jobs wait /,
    );
    expect(await laptop.json('mops', 'jobs', 'explain', job, last!)).toMatchObject({
      explanation: { state: 'waiting', attempt: 1 },
      run: null,
    });
  });

  it('has logs that can be followed to its end, from the first or the last lines, and read by attempt', async () => {
    const followed = start('logs', job, '--follow');
    const tail = start('logs', job, '--follow', '--tail', '1', '--index', '0');
    release();
    for (const { child } of [followed, tail]) expect(await ended(child)).toEqual({ code: 0, signal: null });
    // The worker logs its last line after it has ended the job.
    await until(async () => expect((await jobs('logs', job)).stdout).toContain('worker 0: 4 chunks'));
    const { stdout: all } = await jobs('logs', job);
    await until(() => expect(followed.output.stdout).toMatch(new RegExp(`job ${job}: succeeded\n`)));
    expect(all.startsWith(followed.output.stdout)).toBe(true);
    expect(all).toContain(tail.output.stdout);
    const lines = all.trimEnd().split('\n');
    expect((await jobs('logs', job, '--tail', '2')).stdout).toBe(`${lines.slice(-2).join('\n')}\n`);
    expect((await jobs('logs', job, '--attempt', '1', '--index', '0')).stdout).toBe(all);
    expect((await jobs('logs', job, '--index', '7')).stdout).toBe('');
    expect(await jobs('logs', job, '--attempt', '2')).toMatchObject({ status: 3, stderr: expect.stringContaining('no attempt 2') });
    // In one chunk, so that the order is fixed.
    await writeTiny(laptop, { xs: [1], replicates: 1, hold: held.hold, file: 'one.json' });
    const one = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'one.json', '--workers', '1', '--wait');
    await until(async () => expect((await jobs('logs', one.job)).stdout).toContain('worker 0: 1 chunks'));
    await expectBoth(laptop, 'logs', 'logs', one.job);
  });

  it('is waited for with others, and the worst of them is the exit status', async () => {
    await writeTiny(laptop, { xs: [1, 7], replicates: 1, hold: held.hold, file: 'other.json' });
    const other = (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'other.json', '--workers', '1')).job;
    expect(await jobs('wait', other)).toMatchObject({ status: 10 });
    const both = await laptop.json('mops', 'jobs', 'wait', job, other, '--timeout', '1');
    expect(both).toMatchObject({
      schema: 'modelops.jobs.wait-list/v1',
      status_code: 10,
      jobs: [
        { job, status: 'running' },
        { job: other, status: 'partial' },
      ],
    });
    expect(await jobs('wait', job, '--timeout', '0.5')).toMatchObject({ status: 13 });
    const waiting = start('wait', job, other);
    await until(() => expect(waiting.output.stderr).toContain('1 of 2 jobs done'));
    release();
    expect(await ended(waiting.child)).toEqual({ code: 10, signal: null });
    await until(() =>
      expect(waiting.output.stdout).toBe(
        `${job} succeeded: 4 of 4 tasks\n${other} partial: 1 of 2 tasks; missing: 1 task, 1 loss of fit\nnext: mops jobs status ${other}\n`,
      ),
    );
  });

  it('continues when the wait for it is interrupted, which prints how to stop it', async () => {
    const { child, output } = start('wait', job);
    await until(() => expect(output.stderr).toContain('0 / 4'));
    child.kill('SIGINT');
    expect(await ended(child)).toEqual({ code: 130, signal: null });
    await until(() => expect(output.stderr).toContain(`${job} continues; stop it with mops jobs cancel ${job}\n`));
    expect((await jobs('status', job)).stdout).toContain('running');
  });

  it('is cancelled, and its workers are stopped', async () => {
    const { workers } = processesOf(laptop, job);
    await expectGolden('cancel', await jobs('cancel', job), laptop);
    expect(workers).toHaveLength(1);
    expect(processesOf(laptop, job).workers).toEqual([]);
    expect(await jobs('wait', job)).toMatchObject({ status: 12, stdout: `${job} cancelled\nnext: mops jobs status ${job}\n` });
    expect((await jobs('status', job)).stdout).not.toContain('results '); // no results were verified
  });
});

describe('a job whose processes were killed', { timeout: TIMEOUT_MS }, () => {
  it('is found by sync, which reports what it would do and what it did', async () => {
    await killEverything();
    await expectGolden('sync-dry-run', await jobs('sync', '--dry-run'), laptop);
    expect((await jobs('sync', '--no-validate')).stdout).toContain('not validated');
    await expectGolden('sync-changed.json', await jobs('sync', '--json'), laptop);
    expect(await jobs('sync', job)).toMatchObject({ status: 0, stdout: `${job}: failed\n0 changed\n` });
    expect((await jobs('status', job)).stdout).toMatch(new RegExp(`\nnext: mops jobs logs ${job}\nnext: mops jobs resume ${job}\n$`));
  });

  it('has tasks that were claimed by a worker and others that were not', async () => {
    await killEverything();
    const [first, , , last] = await tasksOf();
    const worked = await jobs('explain', job, first!);
    expect(worked.stdout).toMatch(
      / {2}did not run\n[\s\S]*worker {3}0 \(.+\) claimed its chunk at 20.* and ended before finishing it\nnext: mops jobs resume /,
    );
    const { stdout } = await jobs('explain', job, last!);
    expect(stdout).toMatch(/ {2}did not run\n[\s\S]*\n {2}no worker claimed it\nnext: mops jobs resume /);
  });
});
