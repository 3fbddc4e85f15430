import type { ParamValue } from '@modelops/contracts';
import { columnValues, type LossTable, type ParameterColumn } from '@modelops/report';
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

/**
 * The parameter sets of jobs as one table. A set that several jobs run with the same model is one row, unless its losses differ: the jobs then have different
 * targets, replicates or seeds, and each has a row of its own.
 */
export function buildLossTable(jobs: readonly JobWithLosses[], notes: ParameterNotes): BuiltTable {
  const places = new Map<string, number[]>();
  const origins: RowOrigin[] = [];
  const paramIds: string[] = [];
  const values: Readonly<Record<string, ParamValue>>[] = [];
  const most = jobs.reduce((sum, { job }) => sum + job.tasks.groupCount, 0);
  const columns = [...new Set(jobs.flatMap(({ losses }) => [...losses.keys()]))].map((name) => ({
    name,
    losses: new Float64Array(most).fill(Number.NaN),
    replicates: new Int32Array(most),
  }));
  const rowsOf = jobs.map(({ job, losses }) => {
    const { code, entrypoint } = job.spec.binding;
    return Uint32Array.from({ length: job.tasks.groupCount }, (_, set) => {
      const { param_id, values: own } = job.tasks.paramsAt(set);
      const found = columns.map(({ name }) => losses.get(name)?.get(param_id));
      const differs = (row: number) => columns.some((column, k) => found[k] !== undefined && isOther(column.losses[row]!, found[k].loss));
      const key = `${code} ${entrypoint} ${param_id}`;
      const rows = places.get(key) ?? [];
      let row = rows.find((held) => !differs(held));
      if (row === undefined) {
        row = origins.push({ job, set }) - 1;
        paramIds.push(param_id);
        values.push(own);
        places.set(key, [...rows, row]);
      }
      columns.forEach((column, k) => {
        if (found[k] === undefined || !Number.isNaN(column.losses[row]!)) return;
        column.losses[row] = found[k].loss;
        column.replicates[row] = found[k].replicates;
      });
      return row;
    });
  });
  const targets = columns.map(({ name, losses, replicates }) => ({
    name,
    losses: losses.subarray(0, origins.length),
    replicates: replicates.subarray(0, origins.length),
  }));
  return { table: { paramIds, parameters: parameterColumns(values, jobs, notes), targets }, origins, rowsOf };
}

function isOther(held: number, loss: number): boolean {
  return held !== loss && !Number.isNaN(held) && !Number.isNaN(loss);
}

function parameterColumns(
  sets: readonly Readonly<Record<string, ParamValue>>[],
  jobs: readonly JobWithLosses[],
  notes: ParameterNotes,
): ParameterColumn[] {
  const declared = jobs.flatMap(({ job }) => job.spec.binding.parameters?.map(({ name }) => name) ?? []);
  const names = new Set([...declared, ...(declared.length > 0 ? [] : sets.flatMap((set) => Object.keys(set)))]);
  return [...names].map((name) => ({ name, ...notes.get(name), ...columnValues(sets.map((set) => set[name])) }));
}
