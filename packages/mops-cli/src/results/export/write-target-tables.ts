import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ColumnValues } from '@modelops/contracts';
import { type ParquetColumn, parquetColumn, writeParquet } from '@modelops/store';
import { type Job, keptTables, type Stores, verifyOutputs } from '@modelops/worker';
import { readLosses } from '../verified-losses.ts';
import { COMPUTED_AT } from '../views/definitions.ts';
import { convertParquet, extensionOf, fileNameOf, type Layout } from './exported-results.ts';

/** R and spreadsheets read ISO 8601. */
const ISO_TIME = "strftime(TRY_CAST(computed_at AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ') AS computed_at";

/** Writes the losses of a job into the export and returns the file's name: `losses.<extension>`, or `job_losses` if an output is named losses. */
export async function writeLosses(job: Job, layout: Layout, dir: string, { objects }: Pick<Stores, 'objects'>): Promise<string | null> {
  const losses = await readLosses(objects, job.id);
  if (losses === undefined || job.spec.binding.targets.length === 0) return null;
  const name = job.spec.binding.outputs.some((output) => output.toLowerCase() === 'losses') ? 'job_losses' : 'losses';
  const file = `${name}.${extensionOf(layout)}`;
  const stored = join(dir, `${name}.stored`);
  await writeFile(stored, losses.bytes);
  await convertParquet(stored, join(dir, file), `* REPLACE (${layout === 'csv' ? ISO_TIME : COMPUTED_AT})`);
  return file;
}

type Cell = boolean | number | string | null;

/**
 * Writes the tables that targets keep with their losses (`outputs` of a target): `kept_<target>_<table>.<extension>`, with `param_id` and the
 * loss in each row. Returns the names of the files, if any.
 */
export async function writeKeptTables(job: Job, layout: Layout, dir: string, stores: Pick<Stores, 'provenance'>): Promise<string[]> {
  if (job.spec.binding.targets.length === 0) return [];
  const { aggregations } = await verifyOutputs(job, stores);
  const tables = new Map<string, Map<string, Cell[]>>();
  for (let at = 0; at < aggregations.length; at++) {
    const row = aggregations.rowAt(at);
    if (row === undefined || row.loss === null) continue;
    for (const [name, columns] of Object.entries(keptTables(row))) {
      const file = `kept_${fileNameOf(row.target)}_${fileNameOf(name)}`;
      const length = Object.values(columns)[0]?.length ?? 0;
      const repeated = { param_id: new Array<Cell>(length).fill(row.param_id), loss: new Array<Cell>(length).fill(row.loss) };
      append(tables, file, { ...columns, ...repeated });
    }
  }
  const extension = extensionOf(layout);
  const files: string[] = [];
  for (const [file, columns] of tables) {
    await writeFile(join(dir, `${file}.parquet`), await writeParquet([...columns].map(columnOf)));
    if (extension !== 'parquet') await convertParquet(join(dir, `${file}.parquet`), join(dir, `${file}.${extension}`));
    files.push(`${file}.${extension}`);
  }
  return files.sort();
}

/** Appends rows; columns missing in the earlier or in the new rows are null there. */
function append(tables: Map<string, Map<string, Cell[]>>, file: string, table: Readonly<Record<string, readonly Cell[]>>): void {
  const held = tables.get(file) ?? new Map<string, Cell[]>([['param_id', []]]);
  tables.set(file, held);
  const before = held.get('param_id')!.length;
  const length = table.param_id!.length;
  for (const name of new Set([...held.keys(), ...Object.keys(table)])) {
    const column = held.get(name) ?? new Array<Cell>(before).fill(null);
    held.set(name, column);
    for (const value of table[name] ?? new Array<Cell>(length).fill(null)) column.push(value);
  }
}

/** Numbers as doubles, booleans as booleans, anything else as text. */
function columnOf([name, values]: [string, Cell[]]): ParquetColumn {
  const kinds = new Set(values.flatMap((value) => (value === null ? [] : [typeof value])));
  if (kinds.size === 1 && kinds.has('boolean')) return { name, type: 'bool', values: values as (boolean | null)[] };
  if (kinds.size > 1 || !kinds.has('number'))
    return { name, type: 'utf8', values: values.map((value) => (value === null ? null : String(value))) };
  if (values.includes(null)) return { name, type: 'float64', values: values as (number | null)[] };
  return parquetColumn({ name, values: Float64Array.from(values as number[]) as ColumnValues });
}
