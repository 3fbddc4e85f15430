import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { ended, processesOf, recordOf, startMops, untilHeld } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
const DAY = 86_400_000;
let dir: string;
let laptop: Laptop;
let hold: string;

/** Moves the wall clock of every process of the laptop, also of running ones. */
const moveClock = (milliseconds: number) => writeFileSync(join(dir, 'clock'), String(milliseconds));
const release = () => rmSync(hold, { force: true });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'modelops-clock-'));
  moveClock(0);
  const preload = new URL('./tiny/moved-clock.mjs', import.meta.url).href;
  laptop = openLaptop('seir-ts', { MOVED_CLOCK: join(dir, 'clock'), NODE_OPTIONS: `--import ${preload}` });
  hold = join(laptop.dir, 'hold');
  writeFileSync(hold, '');
  await writeTiny(laptop, { xs: [1, 2, 3, 4, 5, 6], hold });
}, TIMEOUT);
afterEach(async () => {
  release();
  await laptop.remove();
  rmSync(dir, { recursive: true });
}, TIMEOUT);

describe('a job whose clock is moved while it runs', { timeout: TIMEOUT }, () => {
  it.each([
    ['a day on', DAY],
    ['a day back', -DAY],
  ])('%s is neither lost nor taken for dead, and a wait keeps its own time', async (_name, by) => {
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--workers', '1');
    await untilHeld(hold);
    const waiting = startMops(laptop, ['jobs', 'wait', job, '--timeout', '250', '--json']);
    let output = '';
    waiting.stdout!.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    moveClock(by);
    expect(await laptop.json('mops', 'jobs', 'sync')).toMatchObject({ changed: 0, jobs: [{ job, status: 'running', engine: 'running' }] });
    // A restarted worker names its packs, and lists others, by the new time.
    const [worker] = processesOf(laptop, job).workers;
    process.kill(worker!, 'SIGKILL');
    await vi.waitFor(() => expect(recordOf(laptop, job).workers[0]!.restarts).toBe(1), { timeout: 60_000, interval: 50 });
    release();
    const closed = once(waiting, 'close');
    expect(await ended(waiting)).toEqual({ code: 0, signal: null });
    await closed;
    expect(JSON.parse(output)).toMatchObject({ job, status: 'succeeded', verified: 12 });
    const again = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    expect(again).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 12 } });
    const { jobs } = await laptop.json<{ jobs: { job: string }[] }>('mops', 'jobs', 'list');
    expect(jobs.map((one) => one.job).sort()).toEqual([job, again.job].sort());
  });
});
