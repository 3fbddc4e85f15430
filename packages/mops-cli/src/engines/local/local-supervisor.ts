// The local engine's supervisor: a process in its own session that starts an attempt's workers and restarts those that crash.
//   local-supervisor ORDER   where ORDER is a SupervisorOrder as JSON
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { identifyProcess, ownProcess } from '@modelops/system';
import { unstartedWorkers, type WorkerRecord, workerLog, writeSupervisorRecord } from './supervisor-record.ts';

/** The argument of a supervisor. */
export interface SupervisorOrder {
  /** The attempt's folder, for its record and the logs of its workers. */
  readonly dir: string;
  readonly width: number;
  /** Number of model hosts of each worker. */
  readonly slots: number;
  /** The worker's program: a file for Node. */
  readonly program: string;
  readonly job: string;
  readonly attempt: number;
  /** Maximum number of restarts of one index. */
  readonly restarts: number;
  /** The exit status after which an index is not restarted. */
  readonly finalStatus: number;
}

const RESTART_MS = 200;

const { dir, width, slots, program, job, attempt, restarts: mostRestarts, finalStatus } = JSON.parse(process.argv[2]!) as SupervisorOrder;
const workers = unstartedWorkers(width);
const children = new Set<ChildProcess>();
const supervisor = ownProcess();
let isStopping = false;

function record(index: number, change: Partial<WorkerRecord>): void {
  workers[index] = { ...workers[index]!, ...change };
  try {
    writeSupervisorRecord(dir, { supervisor, workers });
  } catch (error) {
    // The disk may be full: the workers continue, and the next change is written again.
    process.stderr.write(`cannot write the record: ${String(error)}\n`);
  }
}

function start(index: number): void {
  const log = openSync(workerLog(dir, index), 'a');
  const args = ['--job', job, '--attempt', String(attempt), '--index', String(index), '--slots', String(slots)];
  const child = spawn(process.execPath, [program, ...args, '--log', workerLog(dir, index)], { stdio: ['ignore', log, log] });
  closeSync(log);
  children.add(child);
  record(index, { process: child.pid === undefined ? null : identifyProcess(child.pid), phase: 'running' });
  child.once('error', (error) => ended(child, index, error.message));
  child.once('exit', (code, signal) => ended(child, index, signal ?? `exit status ${code}`, code));
}

function ended(child: ChildProcess, index: number, how: string, code: number | null = null): void {
  if (!children.delete(child)) return;
  const { restarts } = workers[index]!;
  if (code === 0) record(index, { process: null, phase: 'succeeded' });
  else if (code === finalStatus || isStopping || restarts >= mostRestarts) record(index, { process: null, phase: 'failed', ended: how });
  else {
    record(index, { process: null, phase: 'restarting', restarts: restarts + 1, ended: how });
    setTimeout(() => (isStopping ? record(index, { phase: 'failed' }) : start(index)), RESTART_MS);
  }
}

process.on('SIGTERM', () => {
  isStopping = true;
  for (const child of children) child.kill('SIGTERM');
});
process.on('SIGHUP', () => undefined); // the terminal closed
for (const { index } of workers) start(index);
