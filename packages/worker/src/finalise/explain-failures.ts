import { idOfWords, type JsonSeed, type ParamValues, seedToJson, type TaskId } from '@modelops/contracts';
import { ownFrame, readTaskError, type TaskError } from '@modelops/model-host';
import { type FailedRow, TaskIdSet } from '@modelops/store';
import type { Job, Stores } from '../job-context.ts';

export interface FailureCause {
  readonly kind: TaskError['kind'];
  readonly type: string;
  readonly message: string;
  /** `models/seir.ts:12`: the innermost frame in the model's own files. */
  readonly frame: string | null;
  readonly count: number;
  /** The first of the tasks. */
  readonly sample: {
    readonly task_id: string;
    readonly param_id: string;
    readonly params: ParamValues;
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
  /** For each cause, in the same order: the number of failed tasks by parameter set (its values as canonical JSON). */
  readonly pointsByCause: readonly ReadonlyMap<string, number>[];
}

/** The recorded failures of the job's missing tasks, grouped by cause: kind, type, message with numbers masked, and place in the model. */
export async function explainFailures(job: Job, { provenance }: Pick<Stores, 'provenance'>): Promise<FailureReport> {
  const rows = new Map((await provenance.failures(job.sims)).map((row) => [row.task_id, row]));
  const bySet = new Map<string, { count: number; sample: string }>();
  const byCause = new Map<string, { cause: FailureCause; readonly points: Map<string, number> }>();
  for (const id of expectedOf(rows, job)) {
    const row = rows.get(id)!;
    const error = readTaskError(row.error);
    const sample = `${error.type}: ${error.message}`;
    const held = bySet.get(row.param_id);
    bySet.set(row.param_id, { count: (held?.count ?? 0) + 1, sample: held?.sample ?? sample });
    const { key, frame } = causeOf(error);
    const known = byCause.get(key) ?? { cause: causeFrom(row, error, frame), points: new Map<string, number>() };
    known.cause = { ...known.cause, count: known.cause.count + 1 };
    known.points.set(row.params, (known.points.get(row.params) ?? 0) + 1);
    byCause.set(key, known);
  }
  const causes = [...byCause.values()].sort((a, b) => b.cause.count - a.cause.count);
  return { bySet, byCause: causes.map(({ cause }) => cause), pointsByCause: causes.map(({ points }) => points) };
}

function causeFrom({ task_id, param_id, params, seed }: FailedRow, error: TaskError, frame: string | null): FailureCause {
  const { kind, type, message, traceback = null, stderr_tail = null } = error;
  const sample = {
    task_id,
    param_id,
    params: JSON.parse(params) as ParamValues,
    seed: seedToJson(seed),
    traceback,
    stderr_tail,
  };
  return { kind, type, message, frame, count: 0, sample };
}

/** The tasks among `rows` that belong to the job, in its order. Ids are compared as binary words, and computed only if there are rows. */
function* expectedOf(rows: ReadonlyMap<TaskId, FailedRow>, { tasks }: Job): Generator<TaskId> {
  const failed = new TaskIdSet();
  for (const id of rows.keys()) failed.add(id);
  for (let task = 0; failed.size > 0 && task < tasks.count; task++) {
    const { start, words } = tasks.batchOf(task);
    if (failed.hasWords(words, task - start)) yield idOfWords(words, task - start);
  }
}

/** Failures with the same key have the same cause: kind, type, message with numbers masked, and the place in the model. */
export function causeOf(error: TaskError): { readonly key: string; readonly frame: string | null } {
  const frame = ownFrame(error.traceback ?? '');
  return { key: [error.kind, error.type, maskNumbers(error.message), frame].join('|'), frame };
}

/** `x is # of #`: numbers with sign, decimals and exponent, and addresses in hexadecimal. */
export function maskNumbers(text: string): string {
  return text.replace(/0x[0-9a-f]+|(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, '#');
}
