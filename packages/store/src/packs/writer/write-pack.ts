import { ModelOpsError, type OutputTable, sha256Hex } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { IndexRow } from '../index/index-rows.ts';
import { INDEX } from '../pack-name.ts';
import { type CodedColumn, codesOf, type ParquetColumn, parquetColumn } from '../parquet/columns.ts';
import { writeParquet, writeSealed } from '../parquet/write-parquet.ts';
import { ADDED_COLUMNS, type AggregationRow, type SimulationPack, type SimulationRow } from '../rows.ts';

/** A pack's files in the order in which they are written: the index, which is the commit, last. */
export type PackFiles = readonly { readonly name: string; readonly bytes: Uint8Array }[];

/** The contents of a pack; one job and worker, or one for each simulation. */
export interface PackContents extends Pick<SimulationPack, 'simulations' | 'outputs'> {
  readonly job_id: string | readonly string[];
  readonly worker: string | readonly string[];
}

/** @throws MODEL_INVALID for a reserved name of an output or a column, and for columns of different lengths */
export function simulationFiles({ simulations, outputs, job_id, worker }: PackContents): PackFiles {
  const params = coded('param_id', simulations, ({ param_id }) => param_id);
  const files: { name: string; bytes: Uint8Array }[] = [];
  const perOutput: ParquetColumn[] = [];
  for (const [output, table] of Object.entries(outputs)) {
    const bytes = table.columns.length === 0 ? undefined : outputFile(output, table, simulations, params);
    perOutput.push({ name: `rows_${output}`, type: 'int32', values: table.rows });
    if (bytes === undefined) continue;
    files.push({ name: `${output}.parquet`, bytes });
    perOutput.push(constant(`sha256_${output}`, sha256Hex(bytes), simulations.length));
  }
  return [...files, { name: INDEX, bytes: indexBytes({ simulations, job_id, worker }, params, perOutput) }];
}

/** The index of a pack whose outputs were deleted, for some of its rows. */
export function evictedIndex(rows: readonly Omit<IndexRow, 'pack'>[]): PackFiles[number] {
  const perOutput = rows[0]!.outputs.flatMap(({ name, sha256 }, at): ParquetColumn[] => [
    { name: `rows_${name}`, type: 'int32', values: Int32Array.from(rows, ({ outputs }) => outputs[at]!.rows) },
    ...(sha256 === null ? [] : [constant(`sha256_${name}`, sha256, rows.length)]),
  ]);
  const params = coded('param_id', rows, (row) => row.param_id);
  const origins = { simulations: rows, job_id: rows.map((row) => row.job_id), worker: rows.map((row) => row.worker) };
  return { name: INDEX, bytes: indexBytes(origins, params, perOutput) };
}

function indexBytes(
  { simulations, job_id, worker }: Omit<PackContents, 'outputs'>,
  params: CodedColumn,
  perOutput: readonly ParquetColumn[],
): Uint8Array {
  return writeSealed([
    { name: 'task_id', type: 'utf8', values: simulations.map(({ task_id }) => task_id), isUnique: true },
    params,
    coded('params', simulations, (row) => row.params),
    { name: 'seed', type: 'uint64', values: BigUint64Array.from(simulations, ({ seed }) => seed) },
    {
      name: 'status',
      type: 'coded',
      dictionary: ['ok', 'failed'],
      indices: Int32Array.from(simulations, ({ status }) => (status === 'ok' ? 0 : 1)),
    },
    { name: 'error', type: 'utf8', values: simulations.map(({ error }) => error) },
    ...perOutput,
    { name: 'started_at', type: 'float64', values: Float64Array.from(simulations, ({ started_at }) => started_at) },
    { name: 'duration_ms', type: 'float64', values: Float64Array.from(simulations, ({ duration_ms }) => duration_ms) },
    origin('job_id', job_id, simulations.length),
    origin('worker', worker, simulations.length),
  ]);
}

export function aggregationFiles(rows: readonly AggregationRow[]): PackFiles {
  const text = (name: keyof AggregationRow): ParquetColumn => ({
    name,
    type: 'utf8',
    values: rows.map((row) => row[name] as string | null),
  });
  const spread = (name: 'replicate_mean' | 'standard_error'): ParquetColumn => ({
    name,
    type: 'float64',
    values: rows.map((row) => row[name] ?? null),
  });
  const hasSpread = rows.some(({ standard_error, replicate_mean }) => standard_error !== undefined || replicate_mean !== undefined);
  const bytes = writeSealed([
    { name: 'aggregation_id', type: 'utf8', values: rows.map((row) => row.aggregation_id), isUnique: true },
    text('param_id'),
    text('target'),
    { name: 'loss', type: 'float64', values: rows.map((row) => row.loss) },
    { name: 'n_replicates', type: 'int32', values: rows.map((row) => row.n_replicates) },
    text('diagnostics'),
    text('computed_at'),
    text('job_id'),
    text('reason'),
    ...(hasSpread ? [spread('replicate_mean'), spread('standard_error')] : []),
  ]);
  return [{ name: INDEX, bytes }];
}

function outputFile(output: string, table: OutputTable, simulations: readonly SimulationRow[], params: CodedColumn): Uint8Array {
  if (output === INDEX.replace('.parquet', '')) refuse(`invalid output name ${output}: reserved for the index of results`);
  const clash = table.columns.find(({ name }) => ADDED_COLUMNS.includes(name));
  if (clash !== undefined) refuse(`output ${output} has a column ${clash.name}: this name is reserved`);
  const rows = table.rows.reduce((sum, count) => sum + count, 0);
  const uneven = table.columns.find(({ values }) => values.length !== rows);
  if (uneven !== undefined) refuse(`column ${uneven.name} of output ${output} has ${uneven.values.length} values for ${rows} rows`);
  const names = table.columns.map(({ name }) => name);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) refuse(`output ${output} has two columns ${repeated}`);
  const seeds = BigUint64Array.from(simulations, ({ seed }) => seed);
  return writeParquet([
    ...table.columns.map(parquetColumn),
    { ...params, repeats: table.rows },
    { name: 'seed', type: 'coded', dictionary: seeds, indices: Int32Array.from(simulations, (_, at) => at), repeats: table.rows },
  ]);
}

function refuse(message: string): never {
  throw new ModelOpsError('MODEL_INVALID', message, { hint: 'rename it, or give all columns the same number of values' });
}

function origin(name: string, text: string | readonly string[], length: number): CodedColumn {
  if (typeof text === 'string') return constant(name, text, length);
  return { name, type: 'coded', ...codesOf(text)! };
}

function coded(name: string, simulations: readonly SimulationRow[], text: (row: SimulationRow) => string): CodedColumn {
  return { name, type: 'coded', ...codesOf(simulations.map(text))! };
}

function constant(name: string, text: string, length: number): CodedColumn {
  return { name, type: 'coded', dictionary: [text], indices: new Int32Array(length) };
}

/** Writes a pack's files, its index last, which commits the pack. */
export async function writeFiles(objects: ObjectStore, folder: string, files: PackFiles): Promise<void> {
  const put = ({ name, bytes }: PackFiles[number]) => objects.put(`${folder}/${name}`, bytes);
  await Promise.all(files.filter(({ name }) => name !== INDEX).map(put));
  await Promise.all(files.filter(({ name }) => name === INDEX).map(put));
}
