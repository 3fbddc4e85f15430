import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import {
  codeOf,
  createFileAtomically,
  formatProcess,
  isAbsent,
  type ProcessIdentity,
  parseProcess,
  writeFileAtomicallySync,
} from '@modelops/system';
import * as z from 'zod';

/** Text in the file. Parsed, so that a number that addresses a process group, as −1 does, is never signalled. */
const processSchema = z.string().transform((text, context): ProcessIdentity => {
  const identity = parseProcess(text);
  if (identity === undefined) context.addIssue({ code: 'custom', message: 'not a process: expected place.pid.start' });
  return identity ?? z.NEVER;
});

const workerSchema = z.object({
  index: z.int().nonnegative(),
  process: processSchema.nullable(),
  phase: z.enum(['running', 'restarting', 'succeeded', 'failed']),
  restarts: z.int().nonnegative(),
  /** How it last ended, if it did not succeed. */
  ended: z.string().nullable(),
});
const recordSchema = z.object({ supervisor: processSchema, workers: z.array(workerSchema) });

export type WorkerRecord = Readonly<z.output<typeof workerSchema>>;

/** `supervisor.json` in an attempt's folder: the state of the workers. */
export interface SupervisorRecord {
  readonly supervisor: ProcessIdentity;
  readonly workers: readonly WorkerRecord[];
}

const RECORD = 'supervisor.json';
const fileIn = (dir: string) => join(dir, RECORD);

/** The workers of an attempt, none of which has started yet. */
export function unstartedWorkers(width: number): WorkerRecord[] {
  return Array.from({ length: width }, (_, index) => ({ index, process: null, phase: 'restarting', restarts: 0, ended: null }));
}

export function writeSupervisorRecord(dir: string, record: SupervisorRecord): void {
  writeFileAtomicallySync(fileIn(dir), textOf(record));
}

/** Writes the first record of a supervisor, unless that supervisor has already written its own. */
export async function writeFirstRecord(dir: string, record: SupervisorRecord): Promise<void> {
  try {
    await createFileAtomically(fileIn(dir), textOf(record), { sync: false });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function textOf({ supervisor, workers }: SupervisorRecord): string {
  const written = workers.map((worker) => ({ ...worker, process: worker.process && formatProcess(worker.process) }));
  return JSON.stringify({ supervisor: formatProcess(supervisor), workers: written });
}

/** Undefined before the start and after the record was deleted. @throws ENGINE_FAILED for an unreadable or invalid file */
export function readSupervisorRecord(dir: string): SupervisorRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(fileIn(dir), 'utf8')));
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new ModelOpsError('ENGINE_FAILED', `cannot read ${fileIn(dir)}: ${reason}`, {
      cause,
      hint: 'if no worker of the job is running, delete the file: its outputs then decide the state of the job',
    });
  }
}

/** Waits until the supervisor writes a new record, or until the time is over. */
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
    } catch {} // the folder was deleted, or the limit of watches is reached: the timer ends the wait
  });
}

export const workerLog = (dir: string, index: number): string => join(dir, `worker-${index}.log`);
