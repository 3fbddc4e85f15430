import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import { isAbsent, type ProcessIdentity, parseProcess } from '@modelops/system';
import * as z from 'zod';
import { RECORD, recordIn, type SupervisorRecord, type WorkerRecord } from './supervisor-record.ts';

/** Text in the file. Parsed, so that a number that addresses a process group, as −1 does, is never signalled. */
const processSchema = z.string().transform((text, context): ProcessIdentity => {
  const identity = parseProcess(text);
  if (identity === undefined) context.addIssue({ code: 'custom', message: 'not a process: expected place.pid.start' });
  return identity ?? z.NEVER;
});

const workerSchema: z.ZodType<WorkerRecord> = z.lazy(() =>
  z.object({
    index: z.int().nonnegative(),
    process: processSchema.nullable(),
    phase: z.enum(['running', 'restarting', 'succeeded', 'failed']),
    restarts: z.int().nonnegative(),
    ended: z.string().nullable(),
  }),
);
const recordSchema = z.lazy(() =>
  z.object({ supervisor: processSchema, width: z.int().positive().optional(), workers: z.array(workerSchema) }),
);

/** Undefined before the start and after the record was deleted. @throws ENGINE_FAILED for an unreadable or invalid file */
export function readSupervisorRecord(dir: string): SupervisorRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(recordIn(dir), 'utf8')));
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new ModelOpsError('ENGINE_FAILED', `cannot read ${recordIn(dir)}: ${reason}`, {
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
