import { readFileSync, renameSync, writeFileSync } from 'node:fs';
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

const fileIn = (dir: string) => join(dir, 'supervisor.json');

export function writeSupervisorRecord(dir: string, record: SupervisorRecord): void {
  const aside = `${fileIn(dir)}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(record));
  renameSync(aside, fileIn(dir));
}

export function readSupervisorRecord(dir: string): SupervisorRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dir), 'utf8')) as SupervisorRecord;
  } catch {
    return undefined; // not started yet, or cleaned up
  }
}

export const workerLog = (dir: string, index: number): string => join(dir, `worker-${index}.log`);
