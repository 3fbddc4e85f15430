// What a supervisor writes. Reading is in a separate file: it needs schemas, which a supervisor would load for nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, createFileAtomically, formatProcess, type ProcessIdentity, writeFileAtomicallySync } from '@modelops/system';

export interface WorkerRecord {
  readonly index: number;
  readonly process: ProcessIdentity | null;
  readonly phase: 'running' | 'restarting' | 'succeeded' | 'failed';
  readonly restarts: number;
  /** How it last ended, if it did not succeed. */
  readonly ended: string | null;
}

/** `supervisor.json` in an attempt's folder: the state of the workers. */
export interface SupervisorRecord {
  readonly supervisor: ProcessIdentity;
  /** Number of workers that it keeps running; undefined until the supervisor itself has written, and in records of older versions. */
  readonly width?: number | undefined;
  readonly workers: readonly WorkerRecord[];
}

/** The name of the record in an attempt's folder. */
export const RECORD = 'supervisor.json';

export const recordIn = (dir: string): string => join(dir, RECORD);

/** The workers of an attempt, none of which has started yet. */
export function unstartedWorkers(width: number): WorkerRecord[] {
  return Array.from({ length: width }, (_, index) => unstartedWorker(index));
}

export function unstartedWorker(index: number): WorkerRecord {
  return { index, process: null, phase: 'restarting', restarts: 0, ended: null };
}

export function writeSupervisorRecord(dir: string, record: SupervisorRecord): void {
  writeFileAtomicallySync(recordIn(dir), textOf(record));
}

/** Writes the first record of a supervisor, unless that supervisor has already written its own. */
export async function writeFirstRecord(dir: string, record: SupervisorRecord): Promise<void> {
  try {
    await createFileAtomically(recordIn(dir), textOf(record), { sync: false });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function textOf({ supervisor, width, workers }: SupervisorRecord): string {
  const written = workers.map((worker) => ({ ...worker, process: worker.process && formatProcess(worker.process) }));
  return JSON.stringify({ supervisor: formatProcess(supervisor), width, workers: written });
}

export const workerLog = (dir: string, index: number): string => join(dir, `worker-${index}.log`);

/** The worker whose log, or older part of a log, has this name; undefined for another file. */
export function indexOfLog(name: string): number | undefined {
  const index = /^worker-(\d+)\.log(\.1)?$/.exec(name)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** The file in an attempt's folder with the number of workers that the supervisor shall keep running. */
export const widthIn = (dir: string): string => join(dir, 'width');

/** The number in the file of {@link widthIn}; undefined without one. */
export function readWidth(dir: string): number | undefined {
  try {
    const width = Number(readFileSync(widthIn(dir), 'utf8'));
    return Number.isSafeInteger(width) && width > 0 ? width : undefined;
  } catch {
    return undefined;
  }
}
