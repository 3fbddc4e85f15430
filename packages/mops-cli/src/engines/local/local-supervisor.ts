// The local engine's supervisor: a process in its own session that starts an attempt's workers and restarts those that crash.
//   local-supervisor ORDER   where ORDER is a SupervisorOrder as JSON
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, watchFile } from 'node:fs';
import { identifyProcess, ownProcess } from '@modelops/system';
import {
  readWidth,
  unstartedWorker,
  unstartedWorkers,
  type WorkerRecord,
  widthIn,
  workerLog,
  writeSupervisorRecord,
} from './supervisor-record.ts';

/** The argument of a supervisor. */
export interface SupervisorOrder {
  /** The attempt's folder, for its record and the logs of its workers. */
  readonly dir: string;
  /** Number of workers, until the file of {@link widthIn} has another. */
  readonly width: number;
  /** Number of model hosts of each worker. */
  readonly slots: number;
  /** The worker's program: a file for Node. */
  readonly program: string;
  readonly job: string;
  readonly attempt: number;
  /** Maximum number of restarts of one index. */
  readonly restarts: number;
  /** Time between SIGTERM and SIGKILL for a worker that is no longer in the width. */
  readonly graceMs: number;
  /** The exit status after which an index is not restarted. */
  readonly finalStatus: number;
}

const RESTART_MS = 200;
const WIDTH_POLL_MS = 200;

const order = JSON.parse(process.argv[2]!) as SupervisorOrder;
const { dir } = order;
let { width } = order;
const workers = new Map(unstartedWorkers(width).map((worker) => [worker.index, worker]));
const children = new Map<ChildProcess, number>();
/** Those that were told to stop because the width was lowered. */
const leaving = new Set<ChildProcess>();
const supervisor = ownProcess();
let isStopping = false;

function writeRecord(): void {
  try {
    writeSupervisorRecord(dir, { supervisor, width, workers: [...workers.values()] });
  } catch (error) {
    // The disk may be full: the workers continue, and the next change is written again.
    process.stderr.write(`cannot write the record: ${String(error)}\n`);
  }
}

function record(index: number, change: Partial<WorkerRecord>): void {
  workers.set(index, { ...(workers.get(index) ?? unstartedWorker(index)), ...change });
  writeRecord();
}

function start(index: number): void {
  const log = openSync(workerLog(dir, index), 'a');
  const { program, job, attempt, slots } = order;
  const args = ['--job', job, '--attempt', String(attempt), '--index', String(index), '--slots', String(slots)];
  const child = spawn(process.execPath, [program, ...args, '--log', workerLog(dir, index)], { stdio: ['ignore', log, log] });
  closeSync(log);
  children.set(child, index);
  record(index, { process: child.pid === undefined ? null : identifyProcess(child.pid), phase: 'running' });
  child.once('error', (error) => ended(child, index, error.message));
  child.once('exit', (code, signal) => ended(child, index, signal ?? `exit status ${code}`, code));
}

function ended(child: ChildProcess, index: number, how: string, code: number | null = null): void {
  if (!children.delete(child)) return;
  const hasLeft = leaving.delete(child);
  const { restarts } = workers.get(index)!;
  if (code === 0) record(index, { process: null, phase: 'succeeded' });
  else if (hasLeft && !isStopping) leave(index);
  else if (code === order.finalStatus || isStopping || restarts >= order.restarts)
    record(index, { process: null, phase: 'failed', ended: how });
  else {
    record(index, { process: null, phase: 'restarting', restarts: restarts + 1, ended: how });
    setTimeout(() => restart(index), RESTART_MS);
  }
}

function restart(index: number): void {
  if (workers.get(index)?.phase !== 'restarting') return; // the width was lowered meanwhile
  if (isStopping) record(index, { phase: 'failed' });
  else start(index);
}

/** Forgets the worker of an index outside the width; starts it again if the width was raised meanwhile. */
function leave(index: number): void {
  workers.delete(index);
  if (index < width) start(index);
  else writeRecord();
}

/** Takes the width that the file asks for. */
function scale(): void {
  const wanted = readWidth(dir);
  if (wanted === undefined || wanted === width || isStopping) return;
  width = wanted;
  for (const [child, index] of children) if (index >= width && !leaving.has(child)) sendAway(child);
  for (const { index, phase } of [...workers.values()]) if (index >= width && phase === 'restarting') workers.delete(index);
  for (let index = 0; index < width; index++) if (!workers.has(index)) start(index);
  writeRecord();
}

function sendAway(child: ChildProcess): void {
  leaving.add(child);
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), order.graceMs);
  child.once('exit', () => clearTimeout(timer));
}

process.on('SIGTERM', () => {
  isStopping = true;
  for (const child of children.keys()) child.kill('SIGTERM');
});
process.on('SIGHUP', () => undefined); // the terminal closed
for (const index of [...workers.keys()]) start(index);
watchFile(widthIn(dir), { interval: WIDTH_POLL_MS, persistent: false }, scale);
scale(); // it may have been written before it was watched
