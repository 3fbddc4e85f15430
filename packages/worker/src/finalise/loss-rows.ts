import type { ParameterType, ParamValue } from '@modelops/contracts';
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

/** The rows as the columns of `losses.parquet`. */
export function lossColumns(job: Job, rows: readonly LossRow[]) {
  const { binding, study } = job.spec;
  const text = (name: string, values: (string | null)[]) => ({ name, type: 'utf8' as const, values });
  const same = (name: string, value: string) =>
    text(
      name,
      rows.map(() => value),
    );
  const parameters = binding.parameters ?? inferParameters(job);
  return [
    same('job_id', job.id),
    text(
      'param_id',
      rows.map(({ set }) => job.tasks.paramsAt(set).param_id),
    ),
    ...parameters.map(({ name, type }) =>
      paramColumn(
        `param_${name}`,
        type,
        rows.map(({ set }) => job.tasks.valuesAt(set)[name] ?? null),
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

/** The parameters of a job whose spec does not list them: names in order of first appearance, types from the values. */
function inferParameters({ tasks }: Job): NonNullable<Job['spec']['binding']['parameters']> {
  const types = new Map<string, ParameterType>();
  for (let set = 0; set < tasks.groupCount; set++)
    for (const [name, value] of Object.entries(tasks.valuesAt(set))) {
      const type = typeof value === 'number' ? 'float' : typeof value === 'boolean' ? 'bool' : 'text';
      const held = types.get(name);
      if (held === undefined || held !== type) types.set(name, held === undefined ? type : 'text');
    }
  return [...types].map(([name, type]) => ({ name, type }));
}

/** A column of the declared type, even without rows; text if a value has another type, as in studies of older versions. */
function paramColumn(name: string, type: ParameterType, values: readonly (ParamValue | null)[]) {
  const isAll = (fits: (value: ParamValue) => boolean) => values.every((value) => value === null || fits(value));
  const isNumber = isAll((value) => typeof value === 'number');
  if (type === 'int' && isAll((value) => typeof value === 'number' && (value | 0) === value))
    return { name, type: 'int32' as const, values: values as (number | null)[] };
  if ((type === 'int' || type === 'float') && isNumber) return { name, type: 'float64' as const, values: values as (number | null)[] };
  if (type === 'bool' && isAll((value) => typeof value === 'boolean')) return { name, type, values: values as (boolean | null)[] };
  return { name, type: 'utf8' as const, values: values.map((value) => (value === null ? null : String(value))) };
}
