import { once } from 'node:events';
import { closeSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AttemptWidth, isModelOpsError, type JobId, ModelOpsError, messageOf, type Owner, WORKER_EXIT } from '@modelops/contracts';
import {
  codeOf,
  identifyProcess,
  isRunning,
  isUnwritable,
  makeFolder,
  namesIn,
  readRotatedLog,
  signalProcess,
  writeFileAtomically,
} from '@modelops/system';
import { programPath } from '@modelops/worker/programs';
import type { AttemptRef, Engine, EngineProblem, EngineView, LogOptions, RequestedWidth, WorkerLine } from '../engine.ts';
import { noneWouldRemain, nothingToScale } from '../refuse-scale.ts';
import type { SupervisorOrder } from './local-supervisor.ts';
import { readSupervisorRecord, untilRecordChanges } from './read-supervisor-record.ts';
import {
  indexOfLog,
  type SupervisorRecord,
  unstartedWorkers,
  type WorkerRecord,
  widthIn,
  workerLog,
  writeFirstRecord,
} from './supervisor-record.ts';
import { lastSupervisorError, lastWorkerError } from './worker-error.ts';

export interface LocalEngineOptions {
  /** Folder of attempts: records and logs of workers. */
  readonly dir: string;
  /** This machine and home. */
  readonly owner: Owner;
  /** Environment of the supervisor and its workers. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a worker runs: a file for Node. */
  readonly program?: string;
  /** Maximum number of restarts of one index. Each crash costs one, and a chunk with several fatal tasks needs several. */
  readonly restarts?: number;
  /** Time between SIGTERM and SIGKILL when workers are stopped. */
  readonly graceMs?: number;
}

const NO_WORKERS = { active: 0, succeeded: 0, failed: 0 };
const POLL_MS = 50;
/** A start takes milliseconds from its claim to the first record; after this time its starter is assumed dead. */
const START_TIMEOUT_MS = 10_000;
/** A supervisor looks for another width several times a second. */
const SCALE_TIMEOUT_MS = 10_000;

/** Workers on this machine, under a supervisor that outlives the command and the terminal that started it. */
export function createLocalEngine({
  dir,
  owner,
  env,
  program = programPath('mops-worker'),
  restarts = 20,
  graceMs = 20_000,
}: LocalEngineOptions): Engine {
  const attemptDir = (job: JobId, n: number) => join(dir, `${job}-a${n}`);
  const recordOf = (job: JobId, { n }: AttemptRef) => readSupervisorRecord(attemptDir(job, n));

  return {
    name: 'local',
    owner: async () => owner,
    widthOf: localWidth,
    async start({ job_id: job }, { n, width, slots = 1 }) {
      const attempt = attemptDir(job, n);
      try {
        await makeFolder(attempt);
        if (!claimStart(attempt)) return { name: attempt };
        const order = { dir: attempt, width, slots, program, job, attempt: n, restarts, graceMs, finalStatus: WORKER_EXIT.final };
        await startSupervisor(order, env).catch((error: unknown) => {
          rmSync(startedFile(attempt)); // a failed start may be repeated
          throw error;
        });
      } catch (cause) {
        throw isUnwritable(cause)
          ? new ModelOpsError('STORE_UNWRITABLE', `cannot write ${attempt} (${codeOf(cause)})`, {
              cause,
              hint: `check free space and the permissions of ${dir}, or set MODELOPS_HOME to another folder`,
            })
          : new ModelOpsError('ENGINE_FAILED', `the supervisor of ${job} did not start: ${messageOf(cause)}`, { cause });
      }
      return { name: attempt };
    },
    async scale(job, attempt, workers) {
      const folder = attemptDir(job, attempt.n);
      const record = recordOf(job, attempt);
      if (record === undefined || !isRunning(record.supervisor)) throw nothingToScale(job);
      if (record.width === undefined && record.workers.some(({ process }) => process !== null)) throw fixedWidth(job, workers);
      const before = record.width ?? record.workers.length;
      if (workers === before) return { before };
      if (workers < before && !record.workers.some((one) => one.index < workers && isUnfinished(one))) throw noneWouldRemain(job, workers);
      await writeFileAtomically(widthIn(folder), String(workers));
      for (let waited = 0; ; waited += POLL_MS) {
        const now = recordOf(job, attempt);
        if (now?.width === workers) return { before };
        if (now === undefined || !isRunning(now.supervisor)) throw nothingToScale(job);
        if (waited >= SCALE_TIMEOUT_MS) throw notScaled(job, folder);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    async observe(job, attempt) {
      try {
        return viewOf(recordOf(job, attempt), attemptDir(job, attempt.n));
      } catch (error) {
        if (!isModelOpsError(error, 'ENGINE_FAILED')) throw error;
        return { phase: 'unknown', workers: NO_WORKERS, problems: [{ reason: 'Unreadable', message: `${error.message}; ${error.hint}` }] };
      }
    },
    untilWorkerEnds: (job, { n }, milliseconds) => untilRecordChanges(attemptDir(job, n), milliseconds),
    async stop(job, attempt) {
      const record = recordOf(job, attempt);
      if (record === undefined) return;
      signalAll(record, 'SIGTERM');
      for (let waited = 0; isAnyAlive(recordOf(job, attempt)); waited += POLL_MS) {
        if (waited >= graceMs) signalAll(recordOf(job, attempt) ?? record, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    async forget(job, { n }) {
      try {
        rmSync(attemptDir(job, n), { recursive: true, force: true });
      } catch (cause) {
        throw new ModelOpsError('STORE_UNWRITABLE', `cannot delete the logs of ${job}: ${messageOf(cause)}`, {
          cause,
          hint: `fix the permissions of ${dir}, then delete the job again`,
        });
      }
    },
    logs: (job, attempt, options) => readLogs(attemptDir(job, attempt.n), options),
  };
}

/** One worker with a host for each core; several workers share the cores. */
function localWidth({ workers = 1, slots = Math.max(1, Math.floor(availableParallelism() / workers)) }: RequestedWidth): AttemptWidth {
  return { workers, slots };
}

/** Starts the supervisor and writes its first record, so that `stop` finds it from now on. */
async function startSupervisor(order: SupervisorOrder, env: LocalEngineOptions['env']): Promise<void> {
  const log = openSync(supervisorLog(order.dir), 'a');
  const { spawn } = await import('node:child_process'); // takes 5 ms to load, and few commands start workers
  const child = spawn(process.execPath, [supervisorPath(), JSON.stringify(order)], {
    detached: true,
    stdio: ['ignore', log, log],
    env: workerEnvironment(env),
    cwd: order.dir,
  });
  closeSync(log);
  const spawned = once(child, 'spawn');
  if (child.pid !== undefined)
    await writeFirstRecord(order.dir, { supervisor: identifyProcess(child.pid), workers: unstartedWorkers(order.width) });
  await spawned;
  child.unref();
}

function supervisorPath(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../../dist/local-supervisor.js' : './local-supervisor.js', here));
}

/** Local workers use no network, and reading a certificate bundle would cost each start 50 ms. */
function workerEnvironment(env: LocalEngineOptions['env']): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = env;
  return rest;
}

const supervisorLog = (attempt: string) => join(attempt, 'supervisor.log');
const startedFile = (attempt: string) => join(attempt, 'started');

/** True for the first of several starts of one attempt. */
function claimStart(attempt: string): boolean {
  try {
    writeFileSync(startedFile(attempt), '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** True for the moment between the claim of a start and the supervisor's first record. */
function isStarting(attempt: string): boolean {
  const started = statSync(startedFile(attempt), { throwIfNoEntry: false });
  return started !== undefined && Date.now() - started.mtimeMs < START_TIMEOUT_MS;
}

function viewOf(record: SupervisorRecord | undefined, attempt: string): EngineView {
  if (record === undefined) return { phase: isStarting(attempt) ? 'waiting' : 'gone', workers: NO_WORKERS, problems: [] };
  const isSupervised = isRunning(record.supervisor);
  const active = record.workers.filter(
    (worker) => (worker.process !== null && isRunning(worker.process)) || (isSupervised && worker.phase === 'restarting'),
  ).length;
  const succeeded = record.workers.filter(({ phase }) => phase === 'succeeded').length;
  return {
    phase: active > 0 || isSupervised ? 'running' : 'ended',
    workers: { active, succeeded, failed: record.workers.length - active - succeeded },
    problems: [
      ...(isSupervised ? [] : supervisorProblem(record, attempt)),
      ...record.workers.flatMap((worker) => problemOf(worker, attempt)),
    ],
  };
}

const isUnfinished = ({ phase }: WorkerRecord) => phase === 'running' || phase === 'restarting';

/** Why workers were not started. */
function supervisorProblem({ workers }: SupervisorRecord, attempt: string): EngineProblem[] {
  if (!workers.some(({ phase }) => phase === 'restarting')) return [];
  const error = lastSupervisorError(supervisorLog(attempt));
  return [{ reason: 'SupervisorEnded', message: `the supervisor ended${error === undefined ? '' : `: ${error}`}` }];
}

function problemOf({ index, ended, restarts, phase }: WorkerRecord, attempt: string): EngineProblem[] {
  if (ended === null) return [];
  const times = restarts === 0 ? '' : `, restarted ${restarts} times`;
  const error = lastWorkerError(workerLog(attempt, index));
  const cause = error === undefined ? '' : `: ${error}`;
  return [
    { reason: phase === 'failed' ? 'WorkerFailed' : 'WorkerRestarted', message: `worker ${index} ended with ${ended}${times}${cause}` },
  ];
}

function fixedWidth(job: JobId, workers: number): ModelOpsError {
  return new ModelOpsError('CONFLICT', `an earlier version of mops started ${job}: its number of workers is fixed`, {
    hint: `mops jobs cancel ${job}, then mops jobs resume ${job} --workers ${workers}`,
  });
}

function notScaled(job: JobId, attempt: string): ModelOpsError {
  const seconds = SCALE_TIMEOUT_MS / 1000;
  return new ModelOpsError('ENGINE_FAILED', `the supervisor of ${job} did not change its number of workers within ${seconds} s`, {
    hint: `see ${supervisorLog(attempt)}`,
  });
}

function signalAll({ supervisor, workers }: SupervisorRecord, signal: NodeJS.Signals): void {
  signalProcess(supervisor, signal);
  for (const { process: worker } of workers) if (worker !== null) signalProcess(worker, signal);
}

function isAnyAlive(record: SupervisorRecord | undefined): boolean {
  return record !== undefined && [record.supervisor, ...record.workers.flatMap((worker) => worker.process ?? [])].some(isRunning);
}

async function* readLogs(attempt: string, { index, tail }: LogOptions = {}): AsyncIterable<WorkerLine> {
  for (const worker of loggedWorkers(attempt)) {
    if (index !== undefined && worker !== index) continue;
    const lines = readRotatedLog(workerLog(attempt, worker));
    for (const { part, ...line } of tail === undefined ? lines : lastOf(lines, tail))
      yield { worker, source: `${worker}/${part}`, ...line };
  }
}

/** Indexes of the workers that have a log, also of those that left when the width was lowered. */
function loggedWorkers(attempt: string): readonly number[] {
  return [...new Set(namesIn(attempt).flatMap((name) => indexOfLog(name) ?? []))].sort((a, b) => a - b);
}

/** The last `count` items; holds no more of them in memory. */
function lastOf<T>(items: Iterable<T>, count: number): readonly T[] {
  let last: T[] = [];
  for (const item of items) {
    last.push(item);
    if (last.length >= 2 * count) last = last.slice(-count);
  }
  return last.slice(-count);
}
