import { ModelOpsError, sha256Hex } from '@modelops/contracts';
import { type ParquetColumn, writeParquet } from './parquet.ts';
import type { AggregationRow, OutputTable, SimulationPack, SimulationRow } from './rows.ts';

/** A pack's files in the order in which they are written: the index, which is the commit, last. */
export type PackFiles = readonly { readonly name: string; readonly bytes: Uint8Array }[];

export const INDEX = '_index.parquet';
/** Columns that a pack adds to each output. */
const RESERVED = ['param_id', 'seed'];

/** @throws MODEL_INVALID for an output column with a reserved name */
export async function simulationFiles({ simulations, outputs, job_id, worker }: SimulationPack): Promise<PackFiles> {
  const params = codesOf(simulations.map(({ param_id }) => param_id));
  const files: { name: string; bytes: Uint8Array }[] = [];
  const perOutput: ParquetColumn[] = [];
  for (const [output, table] of Object.entries(outputs)) {
    perOutput.push({ name: `rows_${output}`, type: 'int32', values: table.rows });
    if (table.columns.length === 0) continue;
    const bytes = await writeParquet(outputColumns(output, table, simulations, params));
    files.push({ name: `${output}.parquet`, bytes });
    perOutput.push(constant(`sha256_${output}`, sha256Hex(bytes), simulations.length));
  }
  const index = await writeParquet([
    { name: 'task_id', type: 'utf8', values: simulations.map(({ task_id }) => task_id), isUnique: true },
    { name: 'param_id', type: 'coded', ...params },
    { name: 'params', type: 'coded', ...codesOf(simulations.map((row) => row.params)) },
    { name: 'seed', type: 'uint64', values: BigUint64Array.from(simulations, ({ seed }) => seed) },
    {
      name: 'status',
      type: 'coded',
      texts: ['ok', 'failed'],
      indices: Int32Array.from(simulations, ({ status }) => (status === 'ok' ? 0 : 1)),
    },
    { name: 'error', type: 'utf8', values: simulations.map(({ error }) => error) },
    ...perOutput,
    { name: 'started_at', type: 'float64', values: Float64Array.from(simulations, ({ started_at }) => started_at) },
    { name: 'duration_ms', type: 'float64', values: Float64Array.from(simulations, ({ duration_ms }) => duration_ms) },
    constant('job_id', job_id, simulations.length),
    constant('worker', worker, simulations.length),
  ]);
  return [...files, { name: INDEX, bytes: index }];
}

export async function aggregationFiles(rows: readonly AggregationRow[]): Promise<PackFiles> {
  const text = (name: string, values: (string | null)[]): ParquetColumn => ({ name, type: 'utf8', values });
  const bytes = await writeParquet([
    { name: 'aggregation_id', type: 'utf8', values: rows.map((row) => row.aggregation_id), isUnique: true },
    text(
      'param_id',
      rows.map((row) => row.param_id),
    ),
    text(
      'target',
      rows.map((row) => row.target),
    ),
    { name: 'loss', type: 'float64', values: rows.map((row) => row.loss) },
    { name: 'n_replicates', type: 'int32', values: rows.map((row) => row.n_replicates) },
    text(
      'diagnostics',
      rows.map((row) => row.diagnostics),
    ),
    text(
      'computed_at',
      rows.map((row) => row.computed_at),
    ),
    text(
      'job_id',
      rows.map((row) => row.job_id),
    ),
    text(
      'reason',
      rows.map((row) => row.reason),
    ),
  ]);
  return [{ name: INDEX, bytes }];
}

function outputColumns(
  output: string,
  { rows, columns }: OutputTable,
  simulations: readonly SimulationRow[],
  params: Codes,
): ParquetColumn[] {
  const clash = columns.find(({ name }) => RESERVED.includes(name));
  if (clash !== undefined) {
    throw new ModelOpsError('MODEL_INVALID', `output ${output} has a column ${clash.name}, which every result has of its own`, {
      hint: 'give the column another name',
    });
  }
  const total = rows.reduce((sum, count) => sum + count, 0);
  const indices = new Int32Array(total);
  const seeds = new BigUint64Array(total);
  let at = 0;
  simulations.forEach(({ seed }, k) => {
    const end = at + rows[k]!;
    indices.fill(params.indices[k]!, at, end);
    seeds.fill(seed, at, end);
    at = end;
  });
  return [
    ...columns.map(columnOf),
    { name: 'param_id', type: 'coded', texts: params.texts, indices },
    { name: 'seed', type: 'uint64', values: seeds },
  ];
}

function columnOf({ name, values }: OutputTable['columns'][number]): ParquetColumn {
  if (values instanceof Float64Array) return { name, type: 'float64', values };
  if (values instanceof Int32Array) return { name, type: 'int32', values };
  if (values instanceof BigInt64Array) return { name, type: 'int64', values };
  if (typeof values[0] === 'boolean') return { name, type: 'bool', values: values as readonly boolean[] };
  return { name, type: 'utf8', values: values as readonly string[] };
}

interface Codes {
  readonly texts: readonly string[];
  readonly indices: Int32Array;
}

function codesOf(values: readonly string[]): Codes {
  const places = new Map<string, number>();
  const indices = new Int32Array(values.length);
  values.forEach((value, at) => {
    let place = places.get(value);
    if (place === undefined) {
      place = places.size;
      places.set(value, place);
    }
    indices[at] = place;
  });
  return { texts: [...places.keys()], indices };
}

function constant(name: string, text: string, length: number): ParquetColumn {
  return { name, type: 'coded', texts: [text], indices: new Int32Array(length) };
}
