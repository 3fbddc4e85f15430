import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { ended, startMops } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

let laptop: Laptop;
beforeAll(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1], replicates: 1, targets: false });
  await laptop.must('modelops-bundle', 'push');
  const sets = Array.from({ length: 20_000 }, (_, x) => ({ x: (x % 500) / 100 }));
  const study = { model: 'models/tiny.ts:Tiny', parameter_sets: sets, n_replicates: 5 };
  writeFileSync(join(laptop.dir, 'large.json'), JSON.stringify(study));
});
afterAll(() => laptop.remove());

let polls = 0;
const jobs = () => (existsSync(join(laptop.store, 'jobs')) ? readdirSync(join(laptop.store, 'jobs')) : []);
const statusOf = (job: string) =>
  (JSON.parse(readFileSync(join(laptop.store, 'jobs', job, 'state.json'), 'utf8')) as { status: string }).status;

/** Interrupts a submission when `isTime`; returns its output and the job that it created, if any. Tries again if the submission was over before the signal. */
async function interrupt(isTime: (job: string | undefined) => boolean, attempts: number) {
  const interrupted = await interruptOnce(isTime);
  if (interrupted.code !== 0 || attempts === 1) return interrupted;
  await laptop.must('mops', 'jobs', 'cancel', interrupted.job!);
  return interrupt(isTime, attempts - 1);
}

async function interruptOnce(isTime: (job: string | undefined) => boolean) {
  const before = new Set(jobs());
  const made = () => jobs().find((job) => !before.has(job));
  const child = startMops(laptop, ['jobs', 'submit', 'large.json', '--bundle', 'latest', '--workers', '1', '--slots', '1']);
  let stderr = '';
  child.stderr!.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const over = ended(child);
  while (!isTime(made()) && child.exitCode === null) await pause(1);
  child.kill('SIGINT');
  const { code, signal } = await over;
  return { code, signal, stderr, job: made() };
}

describe('a submission that is interrupted', () => {
  it.each<[string, (job: string | undefined) => boolean, number[]?]>([
    ['soon after its start', (job) => job === undefined && ++polls > 100],
    ['when its job is there', (job) => job !== undefined && existsSync(join(laptop.store, 'jobs', job, 'state.json'))],
    ['when its plan is there', (job) => job !== undefined && existsSync(join(laptop.store, 'jobs', job, 'attempts'))],
    // The submission may be over before the signal.
    ['when its workers are being started', (job) => job !== undefined && existsSync(join(laptop.home, 'engine', `${job}-a1`)), [0, 130]],
  ])('%s, reports whether a job exists and continues, with a command that works', async (_, isTime, statuses = [130]) => {
    const { code, signal, stderr, job } = await interrupt(isTime, statuses.includes(0) ? 1 : 5);
    if (job === undefined) {
      // Before a program handles signals, it is ended by the signal.
      if (signal === null) expect(stderr).toContain('no job was created');
      return;
    }
    expect(statuses).toContain(code);
    if (stderr.includes('no worker was started')) {
      expect(stderr).toContain(`${job} was created, but no worker was started; start it with mops jobs resume ${job}`);
      expect(statusOf(job)).toBe('failed');
      expect(existsSync(join(laptop.home, 'engine', `${job}-a1`))).toBe(false);
      await laptop.must('mops', 'jobs', 'resume', job, '--workers', '1', '--slots', '1');
    } else {
      if (code === 130) expect(stderr).toContain(`check with mops jobs status ${job}`);
      expect(existsSync(join(laptop.home, 'engine', `${job}-a1`))).toBe(true);
      expect((await laptop.must('mops', 'jobs', 'status', job)).stdout).toMatch(/scheduled|running|validating|succeeded/);
    }
    await laptop.must('mops', 'jobs', 'cancel', job);
  });
});
