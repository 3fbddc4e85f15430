import { idOfWords, type JsonSeed, seedToJson, type TaskId } from '@modelops/contracts';
import { readTaskError, type TaskError } from '@modelops/model-host';
import { type FailedRow, TaskIdSet } from '@modelops/store';
import type { Job, Stores } from '../job-context.ts';

export interface FailureCause {
  readonly kind: TaskError['kind'];
  readonly type: string;
  readonly message: string;
  readonly count: number;
  /** One of the tasks. */
  readonly sample: {
    readonly task_id: string;
    readonly param_id: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly seed: JsonSeed;
    readonly traceback: string | null;
    /** The last lines that the host wrote to stderr. */
    readonly stderr_tail: string | null;
  };
}

export interface FailureReport {
  readonly bySet: ReadonlyMap<string, { readonly count: number; readonly sample: string }>;
  /** Most frequent first. */
  readonly byCause: readonly FailureCause[];
}

/** The recorded failures of the job's missing tasks, grouped by cause: kind, type, and message with numbers masked. */
export async function explainFailures(job: Job, { provenance }: Pick<Stores, 'provenance'>): Promise<FailureReport> {
  const rows = await provenance.failures(job.sims);
  const expected = expectedOf(rows, job);
  const bySet = new Map<string, { count: number; sample: string }>();
  const byCause = new Map<string, FailureCause>();
  for (const row of rows) {
    if (!expected.has(row.task_id)) continue;
    const error = readTaskError(row.error);
    const sample = `${error.type}: ${error.message}`;
    const held = bySet.get(row.param_id);
    bySet.set(row.param_id, { count: (held?.count ?? 0) + 1, sample: held?.sample ?? sample });
    const cause = `${error.kind}|${error.type}|${error.message.replace(/\d+(\.\d+)?/g, '#')}`;
    const known = byCause.get(cause);
    byCause.set(cause, {
      kind: error.kind,
      type: error.type,
      message: known?.message ?? error.message,
      count: (known?.count ?? 0) + 1,
      sample: known?.sample ?? {
        task_id: row.task_id,
        param_id: row.param_id,
        params: JSON.parse(row.params) as Record<string, unknown>,
        seed: seedToJson(row.seed),
        traceback: error.traceback ?? null,
        stderr_tail: error.stderr_tail ?? null,
      },
    });
  }
  return { bySet, byCause: [...byCause.values()].sort((a, b) => b.count - a.count) };
}

/** The rows' tasks that belong to the job. Ids are compared as binary words, and computed only if there are rows. */
function expectedOf(rows: readonly FailedRow[], { tasks }: Job): ReadonlySet<TaskId> {
  const failed = new TaskIdSet();
  for (const { task_id } of rows) failed.add(task_id);
  const expected = new Set<TaskId>();
  for (let task = 0; failed.size > 0 && task < tasks.count; task++) {
    const { start, words } = tasks.batchOf(task);
    if (failed.hasWords(words, task - start)) expected.add(idOfWords(words, task - start));
  }
  return expected;
}
