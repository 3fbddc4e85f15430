import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isTerminal, keys } from '@modelops/contracts';
import { identifyProcess, isRunning, type ProcessIdentity, signalProcess } from '@modelops/system';
import { chunkNumbers, type Job, readPlan } from '@modelops/worker';
import type { OpenEnvironment } from '../../src/deps.ts';
import { readSupervisorRecord, type SupervisorRecord } from '../../src/engines/local/supervisor-record.ts';

const VICTIMS = ['a worker', 'a worker, by SIGTERM', 'a host', 'every host', 'every worker', 'supervisor and workers'] as const;

/** A blow at a seeded point: when a share of the chunks is done, and a moment more. With all of them done the finaliser is at work. */
export interface Strike {
  readonly victim: (typeof VICTIMS)[number];
  readonly share: number;
  readonly momentMs: number;
  /** Which of several victims, as a share of them. */
  readonly which: number;
}

/** Blows in the order in which their points are reached. */
export function strikesOf(random: () => number, count: number): Strike[] {
  return Array.from({ length: count }, () => ({
    victim: VICTIMS[Math.floor(random() * VICTIMS.length)]!,
    share: random() < 0.25 ? 1 : random(),
    momentMs: random() * 30,
    which: random(),
  })).sort((a, b) => a.share - b.share);
}

/**
 * Strikes at those points of `left` that attempt `n` of a job reaches, and takes them from the list: until a blow leaves nobody to go on,
 * or the attempt is over. Says what it hit.
 */
export async function strike(job: Job, n: number, left: Strike[], opened: OpenEnvironment, engineDir: string): Promise<string[]> {
  const { objects } = opened.stores;
  const record = () => readSupervisorRecord(join(engineDir, `${job.id}-a${n}`));
  const { chunks } = await readPlan(objects, job.id, n);
  const report: string[] = [];
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const wanted = Math.round(next.share * chunks.length);
    const countDone = async () => (await chunkNumbers(objects, keys.dones(job.id, n))).size;
    for (let done = await countDone(); done < wanted || livingWorkers(record()).length === 0; done = await countDone()) {
      if (await isOver(job, n, opened)) return [...report, `${next.victim} at ${wanted} of ${chunks.length}: too late`];
      await pause(5);
    }
    await pause(next.momentMs);
    report.push(`${next.victim} at ${await countDone()} of ${chunks.length}: ${hit(next, record())} struck`);
    if (next.victim === 'supervisor and workers') break;
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

/** Gives how many processes were struck. */
function hit({ victim, which }: Strike, record: SupervisorRecord | undefined): number {
  const workers = livingWorkers(record);
  const one = <T>(of: readonly T[]): T[] => (of.length === 0 ? [] : [of[Math.floor(which * of.length)]!]);
  const kill = (victims: readonly ProcessIdentity[], signal: NodeJS.Signals = 'SIGKILL') => {
    for (const each of victims) signalProcess(each, signal);
    return victims.length;
  };
  switch (victim) {
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

/** The model hosts of a worker and what they have started: forks of a Python host, the command of a command host; by /proc. */
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
