import type { ParamValue } from '@modelops/contracts';
import type { LossTable, ParameterColumn, TargetLosses } from '@modelops/report';
import type { Job } from '@modelops/worker';
import type { JobLosses } from './read-job-losses.ts';

export interface JobWithLosses {
  readonly job: Job;
  readonly losses: JobLosses;
}

/** What a model declares about its parameters. */
export type ParameterNotes = ReadonlyMap<string, Pick<ParameterColumn, 'unit' | 'description' | 'scale'>>;

/** The origin of a row: a parameter set of a job. */
export interface RowOrigin {
  readonly job: Job;
  readonly set: number;
}

export interface BuiltTable {
  readonly table: LossTable;
  readonly origins: readonly RowOrigin[];
  /** The rows of each job, in their order. */
  readonly rowsOf: readonly Uint32Array[];
}

/** The parameter sets of jobs as one table. A set that several jobs run with the same model is one row. */
export function buildLossTable(jobs: readonly JobWithLosses[], notes: ParameterNotes): BuiltTable {
  const places = new Map<string, number>();
  const origins: RowOrigin[] = [];
  const paramIds: string[] = [];
  const values: Readonly<Record<string, ParamValue>>[] = [];
  const rowsOf = jobs.map(({ job }) => {
    const { code, entrypoint } = job.spec.binding;
    return Uint32Array.from({ length: job.tasks.groupCount }, (_, set) => {
      const { param_id, values: own } = job.tasks.paramsAt(set);
      const key = `${code} ${entrypoint} ${param_id}`;
      const held = places.get(key);
      if (held !== undefined) return held;
      places.set(key, origins.length);
      paramIds.push(param_id);
      values.push(own);
      return origins.push({ job, set }) - 1;
    });
  });
  return {
    table: { paramIds, parameters: parameterColumns(values, jobs, notes), targets: targetColumns(jobs, rowsOf, paramIds) },
    origins,
    rowsOf,
  };
}

function parameterColumns(
  sets: readonly Readonly<Record<string, ParamValue>>[],
  jobs: readonly JobWithLosses[],
  notes: ParameterNotes,
): ParameterColumn[] {
  const declared = jobs.flatMap(({ job }) => job.spec.binding.parameters?.map(({ name }) => name) ?? []);
  const names = new Set([...declared, ...(declared.length > 0 ? [] : sets.flatMap((set) => Object.keys(set)))]);
  return [...names].map((name) => ({ name, ...notes.get(name), ...coded(sets.map((set) => set[name])) }));
}

/** Numbers unchanged; if any value is text or boolean, all are categories. */
function coded(values: readonly (ParamValue | undefined)[]): Pick<ParameterColumn, 'values' | 'categories'> {
  if (values.every((value) => value === undefined || typeof value === 'number'))
    return { values: Float64Array.from(values, (value) => (value as number | undefined) ?? Number.NaN) };
  const categories = [...new Set(values.flatMap((value) => (value === undefined ? [] : [String(value)])))].sort();
  return {
    values: Float64Array.from(values, (value) => (value === undefined ? Number.NaN : categories.indexOf(String(value)))),
    categories,
  };
}

function targetColumns(jobs: readonly JobWithLosses[], rowsOf: readonly Uint32Array[], paramIds: readonly string[]): TargetLosses[] {
  const names = [...new Set(jobs.flatMap(({ losses }) => [...losses.keys()]))];
  return names.map((name) => {
    const losses = new Float64Array(paramIds.length).fill(Number.NaN);
    const replicates = new Int32Array(paramIds.length);
    jobs.forEach((one, k) => {
      const own = one.losses.get(name);
      if (own === undefined) return;
      for (const row of rowsOf[k]!) {
        const found = own.get(paramIds[row]!);
        if (found === undefined || !Number.isNaN(losses[row]!)) continue;
        losses[row] = found.loss;
        replicates[row] = found.replicates;
      }
    });
    return { name, losses, replicates };
  });
}
