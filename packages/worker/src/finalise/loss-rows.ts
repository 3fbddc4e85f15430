import type { ParameterType, ParamValue, ParamValues } from '@modelops/contracts';
import type { ParquetColumn } from '@modelops/store';
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
  /** Of the losses of the single replicates; null where the evaluator computes none. */
  readonly replicate_mean: number | null;
  readonly standard_error: number | null;
  /** Milliseconds since 1970. */
  readonly computed_at: number | null;
  readonly cache_hit: boolean;
  readonly reason: string | null;
}

/** Rows [start, end) of a job, ordered by parameter set, then target; a row without a loss has a reason. */
export function lossRows(
  job: Job,
  { aggregations, existingIn }: Pick<VerifiedOutputs, 'aggregations' | 'existingIn'>,
  failures: FailureReport,
  [start, end]: readonly [number, number] = [0, aggregations.length],
): LossRow[] {
  const timeOf = createTimeReader();
  return Array.from({ length: end - start }, (_, at) => {
    const { set, target, row } = aggregations.at(start + at)!;
    const failed = failures.bySet.size === 0 ? undefined : failures.bySet.get(job.tasks.paramsAt(set).param_id);
    return {
      set,
      target,
      loss: row?.loss ?? null,
      n_replicates: row?.n_replicates ?? existingIn[set]!,
      n_failed: failed?.count ?? 0,
      replicate_mean: row?.replicate_mean ?? null,
      standard_error: row?.standard_error ?? null,
      computed_at: row === undefined ? null : timeOf(row.computed_at),
      cache_hit: row !== undefined && row.job_id !== job.id,
      reason: row === undefined ? whyNoLoss(job, set, existingIn[set]!, failed?.sample) : row.reason,
    };
  });
}

/** As {@link utcMilliseconds}; rows that were computed together have one text. */
function createTimeReader(): (text: string) => number | null {
  let last: { readonly text: string; readonly time: number | null } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, time: utcMilliseconds(text) };
    return last.time;
  };
}

/** Null for a text that is not a time; one without a zone is in UTC. */
function utcMilliseconds(text: string): number | null {
  const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? null : time;
}

function whyNoLoss(job: Job, set: number, existing: number, failure: string | undefined): string {
  const { start, end } = job.tasks.groupAt(set);
  if (existing === end - start) return 'not aggregated';
  return `${end - start - existing} of ${end - start} replicates missing${failure === undefined ? '' : `: ${failure}`}`;
}

/** A parameter's column: the same in all row groups. */
export interface LossParameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Some set lacks it. */
  readonly isNullable: boolean;
}

/** The parameters of a job as columns: declared ones in their order, else those of its sets. Values of another type make a column of text. */
export function lossParameters(job: Job): LossParameter[] {
  const { tasks, spec } = job;
  return (spec.binding.parameters ?? inferParameters(job)).map(({ name, type: declared }): LossParameter => {
    const every = (fits: (value: ParamValue | undefined) => boolean): boolean => {
      for (let set = 0; set < tasks.groupCount; set++) if (!fits(tasks.valuesAt(set)[name])) return false;
      return true;
    };
    const candidates: readonly ParameterType[] = declared === 'int' ? ['int', 'float'] : [declared];
    const type = candidates.find((candidate) => every((value) => value === undefined || FITS[candidate](value))) ?? 'text';
    return { name, type, isNullable: !every((value) => value !== undefined) };
  });
}

const FITS: Readonly<Record<ParameterType, (value: ParamValue) => boolean>> = {
  int: (value) => ((value as number) | 0) === value,
  float: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  text: () => true,
};

/** The parameters of a set as the columns of `losses.parquet` hold them. */
export function parameterValues({ tasks }: Job, parameters: readonly LossParameter[], set: number): ParamValues {
  const values = tasks.valuesAt(set);
  const held = parameters.filter(({ name }) => values[name] !== undefined);
  return Object.fromEntries(held.map(({ name, type }) => [name, type === 'text' ? String(values[name]) : values[name]!]));
}

/** Rows as columns of `losses.parquet`; names, types and nullability do not depend on the rows. */
export function lossColumns(job: Job, parameters: readonly LossParameter[], rows: readonly LossRow[]): ParquetColumn[] {
  const { binding, study } = job.spec;
  const same = (name: string, value: string): ParquetColumn => ({
    name,
    type: 'coded',
    dictionary: [value],
    indices: Int32Array.of(0),
    repeats: Int32Array.of(rows.length),
  });
  const nullable = (name: 'loss' | 'replicate_mean' | 'standard_error'): ParquetColumn => ({
    name,
    type: 'float64',
    values: rows.map((row) => row[name]),
    isNullable: true,
    isUnique: true,
  });
  return [
    same('job_id', job.id),
    paramIds(job, rows),
    ...parameters.map((parameter) =>
      paramColumn(
        parameter,
        rows.map(({ set }) => job.tasks.valuesAt(set)[parameter.name] ?? null),
      ),
    ),
    { name: 'target', type: 'utf8', values: rows.map(({ target }) => target) },
    nullable('loss'),
    { name: 'n_replicates', type: 'int32', values: rows.map((row) => row.n_replicates) },
    { name: 'n_failed', type: 'int32', values: rows.map((row) => row.n_failed) },
    nullable('replicate_mean'),
    nullable('standard_error'),
    same('bundle_digest', binding.bundle_digest),
    same('model_digest', binding.model_digest),
    same('entrypoint', binding.entrypoint),
    same('scenario', study.scenario),
    { name: 'computed_at', type: 'timestamp', values: rows.map((row) => row.computed_at), isNullable: true },
    { name: 'cache_hit', type: 'bool', values: rows.map((row) => row.cache_hit) },
    { name: 'reason', type: 'utf8', values: rows.map(({ reason }) => reason), isNullable: true },
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

/** The rows of a set follow each other. A dictionary contains its id once, where each target has a row with it. */
function paramIds({ tasks, spec }: Job, rows: readonly LossRow[]): ParquetColumn {
  const idOf = (set: number) => tasks.paramsAt(set).param_id;
  const name = 'param_id';
  if (spec.binding.targets.length < 2) return { name, type: 'utf8', values: rows.map(({ set }) => idOf(set)) };
  const repeats: number[] = [];
  const dictionary: string[] = [];
  rows.forEach(({ set }, at) => {
    if (set !== rows[at - 1]?.set) repeats[dictionary.push(idOf(set)) - 1] = 0;
    repeats[repeats.length - 1]!++;
  });
  return { name, type: 'coded', dictionary, indices: Int32Array.from(dictionary.keys()), repeats: Int32Array.from(repeats) };
}

function paramColumn({ name: parameter, type, isNullable }: LossParameter, values: readonly (ParamValue | null)[]): ParquetColumn {
  const name = `param_${parameter}`;
  if (type === 'int') return { name, type: 'int32', values: values as (number | null)[], isNullable };
  if (type === 'float') return { name, type: 'float64', values: values as (number | null)[], isNullable };
  if (type === 'bool') return { name, type, values: values as (boolean | null)[], isNullable };
  return { name, type: 'utf8', values: values.map((value) => (value === null ? null : String(value))), isNullable };
}
