// The local engine's supervisor: a process of its own session that starts an attempt's workers and restarts the index whose worker dies.
//   local-supervisor DIR WIDTH WORKER_PROGRAM JOB ATTEMPT
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { identifyProcess } from './process-identity.ts';
import { type WorkerRecord, workerLog, writeSupervisorRecord } from './supervisor-record.ts';

const FINAL = 42;
/** Restarts of one index: each crash costs one, and a chunk with several fatal tasks needs several. */
const MAX_RESTARTS = 20;
const RESTART_MS = 200;

const [, , dir, width, program, job, attempt] = process.argv as [string, string, string, string, string, string, string];
const workers: WorkerRecord[] = Array.from({ length: Number(width) }, (_, index) => ({
  index,
  process: null,
  phase: 'restarting',
  restarts: 0,
  ended: null,
}));
const children = new Set<ChildProcess>();
const supervisor = identifyProcess(process.pid);
let isStopping = false;

function record(index: number, change: Partial<WorkerRecord>): void {
  workers[index] = { ...workers[index]!, ...change };
  writeSupervisorRecord(dir, { supervisor, workers });
}

function start(index: number): void {
  const log = openSync(workerLog(dir, index), 'a');
  const child = spawn(process.execPath, [program, '--job', job, '--attempt', attempt, '--index', String(index)], {
    stdio: ['ignore', log, log],
  });
  children.add(child);
  record(index, { process: identifyProcess(child.pid!), phase: 'running' });
  child.once('exit', (code, signal) => {
    children.delete(child);
    const { restarts } = workers[index]!;
    const ended = signal ?? `exit status ${code}`;
    if (code === 0) record(index, { process: null, phase: 'succeeded' });
    else if (code === FINAL || isStopping || restarts >= MAX_RESTARTS) record(index, { process: null, phase: 'failed', ended });
    else {
      record(index, { process: null, phase: 'restarting', restarts: restarts + 1, ended });
      setTimeout(() => (isStopping ? record(index, { phase: 'failed' }) : start(index)), RESTART_MS);
    }
  });
}

process.on('SIGTERM', () => {
  isStopping = true;
  for (const child of children) child.kill('SIGTERM');
});
process.on('SIGHUP', () => undefined); // the terminal closed
for (const { index } of workers) start(index);
