import { type FSWatcher, linkSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

export type WorkerPhase = 'running' | 'restarting' | 'succeeded' | 'failed';

export interface WorkerRecord {
  readonly index: number;
  readonly process: ProcessIdentity | null;
  readonly phase: WorkerPhase;
  readonly restarts: number;
  /** How it ended last, where it did not succeed. */
  readonly ended: string | null;
}

/** `supervisor.json` in an attempt's folder: what the supervisor last said of its workers. */
export interface SupervisorRecord {
  readonly supervisor: ProcessIdentity;
  readonly workers: readonly WorkerRecord[];
}

const RECORD = 'supervisor.json';
const fileIn = (dir: string) => join(dir, RECORD);

/** The workers of an attempt, of which none has started yet. */
export function unstartedWorkers(width: number): WorkerRecord[] {
  return Array.from({ length: width }, (_, index) => ({ index, process: null, phase: 'restarting', restarts: 0, ended: null }));
}

export function writeSupervisorRecord(dir: string, record: SupervisorRecord): void {
  renameSync(writeAside(dir, record), fileIn(dir));
}

/** Writes the first record of a supervisor, unless that supervisor has spoken for itself already. */
export function writeFirstRecord(dir: string, record: SupervisorRecord): void {
  const aside = writeAside(dir, record);
  try {
    linkSync(aside, fileIn(dir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}

function writeAside(dir: string, record: SupervisorRecord): string {
  const aside = `${fileIn(dir)}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(record));
  return aside;
}

export function readSupervisorRecord(dir: string): SupervisorRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dir), 'utf8')) as SupervisorRecord;
  } catch {
    return undefined; // not started yet, or cleaned up
  }
}

/** Waits until the supervisor says something new, so long at most. */
export function untilRecordChanges(dir: string, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      watcher?.close();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(dir, (_, file) => file === RECORD && end()).on('error', () => undefined);
    } catch {} // no folder any more, or no more watches to be had: the time alone decides
  });
}

export const workerLog = (dir: string, index: number): string => join(dir, `worker-${index}.log`);
