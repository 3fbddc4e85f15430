import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '@modelops/system';
import { vi } from 'vitest';
import { readSupervisorRecord } from '../../src/engines/local/read-supervisor-record.ts';
import type { SupervisorRecord } from '../../src/engines/local/supervisor-record.ts';
import { type Laptop, programFile } from '../laptop.ts';

const TIMEOUT = { timeout: 120_000, interval: 50 };

/** Starts a command of `mops` without waiting for it. */
export function startMops(laptop: Laptop, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [programFile('mops'), ...args], {
    cwd: laptop.dir,
    env: laptop.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The only job of a laptop, once it is registered. */
export function onlyJob(laptop: Laptop, store = laptop.store): Promise<string> {
  const jobs = join(store, 'jobs');
  return vi.waitFor(() => {
    const [job] = readdirSync(jobs);
    if (job === undefined) throw new Error('no job yet');
    return job;
  }, TIMEOUT);
}

export function recordOf(laptop: Laptop, job: string, attempt = 1): SupervisorRecord {
  const record = readSupervisorRecord(join(laptop.home, 'engine', `${job}-a${attempt}`));
  if (record === undefined) throw new Error(`${job} has no supervisor yet`);
  return record;
}

/** Waits until a task is held: the model then creates a file next to the hold of {@link writeTiny}. */
export async function untilHeld(hold: string): Promise<void> {
  await vi.waitFor(() => {
    if (!existsSync(`${hold}.reached`)) throw new Error('no task is held at x = 5 yet');
  }, TIMEOUT);
}

/** The pids of a job's processes: supervisor, workers, and their model hosts. */
export function processesOf(laptop: Laptop, job: string, attempt = 1): { supervisor: number; workers: number[]; hosts: number[] } {
  const { supervisor, workers } = recordOf(laptop, job, attempt);
  const alive = workers.flatMap(({ process: worker }) => (worker !== null && isRunning(worker) ? [worker.pid] : []));
  return { supervisor: supervisor.pid, workers: alive, hosts: alive.flatMap(childrenOf) };
}

/** Sends a signal to processes. One that has ended is skipped: a host ends by itself when its worker is killed. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** How a process ended. */
export function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const { exitCode, signalCode } = child;
  if (exitCode !== null || signalCode !== null) return Promise.resolve({ code: exitCode, signal: signalCode });
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}
