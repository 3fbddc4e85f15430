import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Attempt, type JobId, ModelOpsError } from '@modelops/contracts';
import { programPath } from '@modelops/worker';
import type { Engine, EngineProblem, EngineView, LogOptions } from '../engine.ts';
import { isAlive, signalProcess } from './process-identity.ts';
import { readSupervisorRecord, type SupervisorRecord, workerLog } from './supervisor-record.ts';

export interface LocalEngineOptions {
  /** Folder of attempts: records and logs of workers. */
  readonly dir: string;
  /** Environment of the supervisor and its workers. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const STOP_PATIENCE_MS = 20_000;
const LOOK_MS = 50;

/** Workers on this machine, under a supervisor that outlives the command and the terminal that started it. */
export function createLocalEngine({ dir, env }: LocalEngineOptions): Engine {
  const attemptDir = (job: JobId, n: number) => join(dir, `${job}-a${n}`);
  const look = (job: JobId, { n }: Pick<Attempt, 'n'>) => readSupervisorRecord(attemptDir(job, n));

  return {
    name: 'local',
    defaultWidth: availableParallelism(),
    async start({ job_id }, plan) {
      const attempt = attemptDir(job_id, plan.n);
      mkdirSync(attempt, { recursive: true });
      if (!claimStart(attempt)) return { name: attempt };
      const log = openSync(join(attempt, 'supervisor.log'), 'a');
      const args = [supervisorPath(), attempt, String(plan.width), programPath('mops-worker'), job_id, String(plan.n)];
      const child = spawn(process.execPath, args, {
        detached: true,
        stdio: ['ignore', log, log],
        env: workerEnvironment(env),
        cwd: attempt,
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (cause) =>
          reject(new ModelOpsError('ENGINE_FAILED', `the supervisor of ${job_id} did not start: ${cause.message}`, { cause })),
        );
      });
      child.unref();
      return { name: attempt };
    },
    observe: async (job, attempt) => viewOf(look(job, attempt), hasStarted(attemptDir(job, attempt.n))),
    async stop(job, attempt) {
      const record = look(job, attempt);
      if (record === undefined) return;
      signalAll(record, 'SIGTERM');
      for (let waited = 0; isAnyAlive(look(job, attempt)); waited += LOOK_MS) {
        if (waited >= STOP_PATIENCE_MS) signalAll(look(job, attempt) ?? record, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    logs: (job, attempt, options) => readLogs(attemptDir(job, attempt.n), options),
  };
}

function supervisorPath(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../../dist/local-supervisor.js' : './local-supervisor.js', here));
}

/** Workers speak to the disk alone: a bundle of certificates would cost every start 50 ms. */
function workerEnvironment(env: LocalEngineOptions['env']): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = env;
  return rest;
}

/** True for the first of several starts of one attempt. */
function claimStart(attempt: string): boolean {
  try {
    writeFileSync(join(attempt, 'started'), '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function hasStarted(attempt: string): boolean {
  try {
    return readdirSync(attempt).includes('started');
  } catch {
    return false;
  }
}

function viewOf(record: SupervisorRecord | undefined, isStarted: boolean): EngineView {
  const none = { active: 0, succeeded: 0, failed: 0 };
  if (record === undefined) return { phase: isStarted ? 'waiting' : 'gone', workers: none, problems: [] };
  const isSupervised = isAlive(record.supervisor);
  const active = record.workers.filter(
    (worker) => (worker.process !== null && isAlive(worker.process)) || (isSupervised && worker.phase === 'restarting'),
  ).length;
  const succeeded = record.workers.filter(({ phase }) => phase === 'succeeded').length;
  return {
    phase: active > 0 || isSupervised ? 'running' : 'ended',
    workers: { active, succeeded, failed: record.workers.length - active - succeeded },
    problems: record.workers.flatMap(problemOf),
  };
}

function problemOf({ index, ended, restarts, phase }: SupervisorRecord['workers'][number]): EngineProblem[] {
  if (ended === null) return [];
  const times = restarts === 0 ? '' : `, restarted ${restarts} times`;
  return [{ reason: phase === 'failed' ? 'WorkerFailed' : 'WorkerRestarted', message: `worker ${index} ended with ${ended}${times}` }];
}

function signalAll({ supervisor, workers }: SupervisorRecord, signal: NodeJS.Signals): void {
  signalProcess(supervisor, signal);
  for (const { process: worker } of workers) if (worker !== null) signalProcess(worker, signal);
}

function isAnyAlive(record: SupervisorRecord | undefined): boolean {
  return record !== undefined && [record.supervisor, ...record.workers.flatMap((worker) => worker.process ?? [])].some(isAlive);
}

async function* readLogs(attempt: string, { index, tail }: LogOptions = {}): AsyncIterable<string> {
  const record = readSupervisorRecord(attempt);
  for (const worker of record?.workers ?? []) {
    if (index !== undefined && worker.index !== index) continue;
    const lines = readText(workerLog(attempt, worker.index))
      .split('\n')
      .filter((line) => line !== '');
    for (const line of tail === undefined ? lines : lines.slice(-tail)) yield `[${worker.index}] ${line}`;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // this worker has not printed yet
  }
}
