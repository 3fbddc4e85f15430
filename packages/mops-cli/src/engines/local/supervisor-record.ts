// What a supervisor writes. Reading is in a separate file: it needs schemas, which a supervisor would load for nothing.
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
  readonly workers: readonly WorkerRecord[];
}

/** The name of the record in an attempt's folder. */
export const RECORD = 'supervisor.json';

export const recordIn = (dir: string): string => join(dir, RECORD);

/** The workers of an attempt, none of which has started yet. */
export function unstartedWorkers(width: number): WorkerRecord[] {
  return Array.from({ length: width }, (_, index) => ({ index, process: null, phase: 'restarting', restarts: 0, ended: null }));
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

function textOf({ supervisor, workers }: SupervisorRecord): string {
  const written = workers.map((worker) => ({ ...worker, process: worker.process && formatProcess(worker.process) }));
  return JSON.stringify({ supervisor: formatProcess(supervisor), workers: written });
}

export const workerLog = (dir: string, index: number): string => join(dir, `worker-${index}.log`);
