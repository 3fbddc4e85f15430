import { ModelOpsError, type OutputTable, type ParamValue } from '@modelops/contracts';
import { codesOf, type ParquetColumn, parquetColumn } from '@modelops/store';
import type { Job } from '@modelops/worker';
import type { ExportedTask } from './exported-results.ts';

/**
 * One output of several tasks as a long table: `param_id`, `seed` and `param_<name>` of each result on each of its rows, then the output's own
 * columns. @throws MODEL_INVALID if the output has a column with one of these names
 */
export function longColumns(job: Job, output: string, tasks: readonly ExportedTask[], { rows, columns }: OutputTable): ParquetColumn[] {
  const params = tasks.map(({ set }) => job.tasks.paramsAt(set));
  const own = columns.map(parquetColumn);
  const added: ParquetColumn[] = [
    { name: 'param_id', type: 'coded', ...codesOf(params.map(({ param_id }) => param_id))!, repeats: rows },
    {
      name: 'seed',
      type: 'coded',
      dictionary: BigUint64Array.from(tasks, ({ seed }) => seed),
      indices: Int32Array.from(tasks.keys()),
      repeats: rows,
    },
    ...paramNames(job).map((name) =>
      paramColumn(
        `param_${name}`,
        params.map(({ values }) => values[name] ?? null),
        rows,
      ),
    ),
  ];
  const clash = own.find(({ name }) => added.some((column) => column.name === name));
  if (clash === undefined) return [...added, ...own];
  throw new ModelOpsError('MODEL_INVALID', `output ${output} has a column ${clash.name}, a name that the export reserves`, {
    hint: 'use --layout tree, which keeps the columns as they are',
  });
}

/** Names of the parameters of all sets of the job, so that every part of an export has the same columns. */
function paramNames({ tasks }: Job): string[] {
  const names = new Set<string>();
  for (let set = 0; set < tasks.groupCount; set++) for (const name in tasks.paramsAt(set).values) names.add(name);
  return [...names];
}

/** Numbers as doubles, booleans as booleans; text, and parameters of mixed kinds, as text. */
function paramColumn(name: string, values: readonly (ParamValue | null)[], repeats: Int32Array): ParquetColumn {
  const kinds = new Set(values.flatMap((value) => (value === null ? [] : [typeof value])));
  if (kinds.size === 1 && kinds.has('number')) {
    const repeated = repeat(values as readonly (number | null)[], repeats);
    return { name, type: 'float64', values: values.includes(null) ? repeated : Float64Array.from(repeated as number[]) };
  }
  if (kinds.size === 1 && kinds.has('boolean'))
    return { name, type: 'bool', values: repeat(values as readonly (boolean | null)[], repeats) };
  const texts = values.map((value) => (value === null ? null : String(value)));
  const codes = codesOf(texts);
  return codes === undefined ? { name, type: 'utf8', values: repeat(texts, repeats) } : { name, type: 'coded', ...codes, repeats };
}

function repeat<T>(values: readonly T[], times: Int32Array): T[] {
  const repeated: T[] = [];
  values.forEach((value, at) => {
    for (let row = 0; row < times[at]!; row++) repeated.push(value);
  });
  return repeated;
}
