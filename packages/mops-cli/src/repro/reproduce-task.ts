import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ERRORS } from '@modelops/contracts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { Comparison, ReproReport, TaskRun } from '../documents/runs.ts';
import { describeTask } from '../jobs/describe-task.ts';
import { compareOutcomes, isReproduced } from './compare-outcomes.ts';
import { keepFiles } from './keep-files.ts';
import type { LocatedTask } from './locate-task.ts';
import { type Outcome, openRunHere } from './run-here.ts';
import { readStoredOutcome, type StoredOutcome } from './stored-outcome.ts';

export interface ReproduceOptions {
  readonly debugger?: boolean;
  readonly keep?: boolean;
  /** Receives the output of the model. */
  readonly onOutput: (text: string) => void;
}

/** Runs one task on this machine from the job’s bundle, and compares it with the store. Writes nothing to the store. */
export async function reproduceTask(
  { job, index, id }: LocatedTask,
  opened: Pick<OpenEnvironment, 'environment' | 'cacheDir' | 'stores'>,
  { clock }: Pick<MopsDeps, 'clock'>,
  { debugger: isDebugged = false, keep = false, onOutput }: ReproduceOptions,
): Promise<ReproReport> {
  const stored = await readStoredOutcome(job, id, opened.stores);
  const folder = keep ? await mkdtemp(join(tmpdir(), 'modelops-repro-')) : undefined;
  let log = '';
  const runHere = await openRunHere(job, opened, {
    clock,
    debugger: isDebugged,
    keptScratch: folder && join(folder, 'scratch'),
    onOutput(text) {
      if (keep) log += text;
      onOutput(text);
    },
  });
  const outcome = await runHere(index);
  const task = describeTask(job, index);
  return {
    job: job.id,
    task,
    bundle_ref: job.spec.binding.bundle_ref,
    entrypoint: job.spec.binding.entrypoint,
    stored: describeStored(stored),
    run: taskRun(outcome, compareOutcomes(stored, outcome)),
    kept: folder === undefined ? null : await keepFiles(folder, { job, task, log, stored, outcome }),
  };
}

function describeStored(stored: StoredOutcome): ReproReport['stored'] {
  if (stored.state === 'none') return null;
  const { state, worker, at, by_job } = stored;
  return { status: state, worker, at, by_job };
}

function taskRun({ error, outputs, duration_ms }: Outcome, comparison: Comparison): TaskRun {
  const shapes = Object.entries(outputs).map(([name, { rows, columns }]) => ({
    name,
    rows: rows[0]!,
    columns: columns.map((column) => column.name),
  }));
  return { status: error === null ? 'ok' : 'failed', error, duration_ms, outputs: shapes, comparison };
}

/** 4 if the run contradicts the store, otherwise 11 if the task failed. */
export function exitOfRun({ status, comparison }: Pick<TaskRun, 'status' | 'comparison'>): number {
  if (!isReproduced(comparison)) return ERRORS.NOT_REPRODUCIBLE.exit;
  return status === 'failed' ? ERRORS.JOB_FAILED.exit : 0;
}
