import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { answering, isTerminal, keys } from '@modelops/contracts';
import { identifyProcess, isRunning, type ProcessIdentity, signalProcess } from '@modelops/system';
import { chunkNumbers, type Job, readPlan } from '@modelops/worker';
import type { OpenEnvironment } from '../../src/deps.ts';
import { readSupervisorRecord } from '../../src/engines/local/read-supervisor-record.ts';
import type { SupervisorRecord } from '../../src/engines/local/supervisor-record.ts';

const SIGNALS = ['a worker', 'a worker, by SIGTERM', 'a host', 'every host', 'every worker', 'supervisor and workers'] as const;
const SCALE = 'the number of workers';
const MOST_WORKERS = 4;

/** A fault at a seeded point: after a share of the chunks is done, and a delay. When all are done, a worker is finalising the job. */
export interface Fault {
  readonly kind: (typeof SIGNALS)[number] | typeof SCALE;
  readonly share: number;
  readonly delayMs: number;
  /** Selects one of several processes, 0 to 1. */
  readonly which: number;
}

/** Faults, sorted by the point at which they occur, and among them a change of the number of workers. */
export function faultsOf(random: () => number, count: number): Fault[] {
  const faults = Array.from({ length: count }, () => ({
    kind: SIGNALS[Math.floor(random() * SIGNALS.length)]!,
    share: random() < 0.25 ? 1 : random(),
    delayMs: random() * 30,
    which: random(),
  }));
  return [...faults, { kind: SCALE, share: random() / 2, delayMs: 0, which: random() } as const].sort((a, b) => a.share - b.share);
}

/**
 * Injects the faults of `left` that attempt `n` of a job reaches, and removes them from the list, until no process is left or the attempt is
 * over. Returns a line for each.
 */
export async function injectFaults(job: Job, n: number, left: Fault[], opened: OpenEnvironment, engineDir: string): Promise<string[]> {
  const { objects } = opened.stores;
  const record = () => readSupervisorRecord(join(engineDir, `${job.id}-a${n}`));
  const { chunks } = await readPlan(objects, job.id, n);
  const report: string[] = [];
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const wanted = Math.round(next.share * chunks.length);
    const countDone = async () => (await chunkNumbers(objects, keys.dones(job.id, n))).size;
    for (let done = await countDone(); done < wanted || livingWorkers(record()).length === 0; done = await countDone()) {
      if (await isOver(job, n, opened)) return [...report, `${next.kind} at ${wanted} of ${chunks.length}: the attempt was over`];
      await pause(5);
    }
    await pause(next.delayMs);
    const { kind, which } = next;
    const what = kind === SCALE ? await scale(which, job, n, opened) : signal(kind, which, record());
    report.push(`${kind} at ${await countDone()} of ${chunks.length}: ${what}`);
    if (kind === 'supervisor and workers') break;
  }
  return report;
}

async function isOver({ id }: Job, n: number, { stores, engine }: OpenEnvironment): Promise<boolean> {
  if (isTerminal((await stores.registry.state(id)).status)) return true;
  const { phase } = await engine.observe(id, { n });
  return phase === 'ended';
}

function livingWorkers(record: SupervisorRecord | undefined): ProcessIdentity[] {
  return (record?.workers ?? []).flatMap(({ process }) => (process !== null && isRunning(process) ? [process] : []));
}

async function scale(which: number, { id }: Job, n: number, { engine }: OpenEnvironment): Promise<string> {
  const workers = 1 + Math.floor(which * MOST_WORKERS);
  const refused = answering((error) => error.message, 'CONFLICT'); // its last workers are ending
  return engine.scale(id, { n }, workers).then(({ before }) => `${before} → ${workers}`, refused);
}

/** Returns how many processes were signalled. */
function signal(kind: (typeof SIGNALS)[number], which: number, record: SupervisorRecord | undefined): string {
  const workers = livingWorkers(record);
  const one = <T>(of: readonly T[]): T[] => (of.length === 0 ? [] : [of[Math.floor(which * of.length)]!]);
  const kill = (processes: readonly ProcessIdentity[], signal: NodeJS.Signals = 'SIGKILL') => {
    for (const each of processes) signalProcess(each, signal);
    return `${processes.length} signalled`;
  };
  switch (kind) {
    case 'a worker':
      return kill(one(workers));
    case 'a worker, by SIGTERM':
      return kill(one(workers), 'SIGTERM');
    case 'a host':
      return kill(one(workers.flatMap(hostsOf)));
    case 'every host':
      return kill(workers.flatMap(hostsOf));
    case 'every worker':
      return kill(workers);
    case 'supervisor and workers':
      return kill([record!.supervisor, ...workers]);
  }
}

/** The model hosts of a worker and their child processes (forks of a Python host, the command of a command host), from /proc. */
function hostsOf({ pid }: ProcessIdentity): ProcessIdentity[] {
  const hosts = childrenOf(String(pid)).filter((child) => /node-host|command-host|modelops\._host/.test(readProc(`${child}/cmdline`)));
  return hosts.flatMap((host) => [host, ...childrenOf(host)]).map((child) => identifyProcess(Number(child)));
}

function childrenOf(pid: string): string[] {
  return readProc(`${pid}/task/${pid}/children`)
    .split(' ')
    .filter((child) => child !== '');
}

/** Empty for a process that has ended. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8').trim();
  } catch {
    return '';
  }
}
