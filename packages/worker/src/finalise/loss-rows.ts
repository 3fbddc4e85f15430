import type { ParamValue } from '@modelops/contracts';
import type { Job } from '../job-context.ts';
import type { FailureReport } from './explain-failures.ts';
import type { VerifiedOutputs } from './verify-outputs.ts';

/** One row of `losses.parquet`: a parameter set × target. */
export interface LossRow {
  readonly set: number;
  readonly target: string;
  readonly loss: number | null;
  readonly n_replicates: number;
  readonly n_failed: number;
  readonly computed_at: string | null;
  readonly cache_hit: boolean;
  readonly reason: string | null;
}

/** The rows of a job, ordered by parameter set, then target; a row without a loss has a reason. */
export function lossRows(
  job: Job,
  { aggregations, existingIn }: Pick<VerifiedOutputs, 'aggregations' | 'existingIn'>,
  failures: FailureReport,
): LossRow[] {
  return aggregations.map(({ set, target, row }) => {
    const failed = failures.bySet.size === 0 ? undefined : failures.bySet.get(job.tasks.paramsAt(set).param_id);
    return {
      set,
      target,
      loss: row?.loss ?? null,
      n_replicates: row?.n_replicates ?? existingIn[set]!,
      n_failed: failed?.count ?? 0,
      computed_at: row?.computed_at ?? null,
      cache_hit: row !== undefined && row.job_id !== job.id,
      reason: row === undefined ? whyNoLoss(job, set, existingIn[set]!, failed?.sample) : row.reason,
    };
  });
}

function whyNoLoss(job: Job, set: number, existing: number, failure: string | undefined): string {
  const { start, end } = job.tasks.groupAt(set);
  if (existing === end - start) return 'not aggregated';
  return `${end - start - existing} of ${end - start} replicates missing${failure === undefined ? '' : `: ${failure}`}`;
}

/** The rows as the columns of `losses.parquet` (DESIGN section 10, and `reason`). */
export function lossColumns(job: Job, rows: readonly LossRow[]) {
  const { binding, study } = job.spec;
  const text = (name: string, values: (string | null)[]) => ({ name, type: 'utf8' as const, values });
  const same = (name: string, value: string) =>
    text(
      name,
      rows.map(() => value),
    );
  const values = rows.map(({ set }) => job.tasks.paramsAt(set).values);
  const names = [...new Set(values.flatMap((params) => Object.keys(params)))];
  return [
    same('job_id', job.id),
    text(
      'param_id',
      rows.map(({ set }) => job.tasks.paramsAt(set).param_id),
    ),
    ...names.map((name) =>
      paramColumn(
        `param_${name}`,
        values.map((params) => params[name] ?? null),
      ),
    ),
    text(
      'target',
      rows.map(({ target }) => target),
    ),
    { name: 'loss', type: 'float64' as const, values: rows.map(({ loss }) => loss) },
    { name: 'n_replicates', type: 'int32' as const, values: rows.map((row) => row.n_replicates) },
    { name: 'n_failed', type: 'int32' as const, values: rows.map((row) => row.n_failed) },
    same('bundle_digest', binding.bundle_digest),
    same('model_digest', binding.model_digest),
    same('entrypoint', binding.entrypoint),
    same('scenario', study.scenario),
    text(
      'computed_at',
      rows.map((row) => row.computed_at),
    ),
    { name: 'cache_hit', type: 'bool' as const, values: rows.map((row) => row.cache_hit) },
    text(
      'reason',
      rows.map(({ reason }) => reason),
    ),
  ];
}

/** Numbers as doubles, booleans as booleans; text, and parameters of mixed kinds, as text. */
function paramColumn(name: string, values: readonly (ParamValue | null)[]) {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (kinds.size === 1 && kinds.has('number')) return { name, type: 'float64' as const, values: values as (number | null)[] };
  if (kinds.size === 1 && kinds.has('boolean')) return { name, type: 'bool' as const, values: values as (boolean | null)[] };
  return { name, type: 'utf8' as const, values: values.map((value) => (value === null ? null : String(value))) };
}
