import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelOpsError, type TaskId } from '@modelops/contracts';
import { csvLines } from '@modelops/sdk/internal';
import { type ParquetColumn, writeParquet } from '@modelops/store';
import type { Job, Stores } from '@modelops/worker';
import type { ExportCounts } from '../../documents/results.ts';
import { convertParquet, type ExportedTask, type ExportOptions, fileNameOf, taskBatches } from './exported-results.ts';
import { longColumns } from './long-columns.ts';

/** One Parquet or Arrow IPC file per model output; a whole output is in memory while its file is written. */
export async function writeColumnFiles(
  layout: 'parquet' | 'arrow',
  { job, dir, signal, onProgress }: ExportOptions,
  stores: Stores,
): Promise<ExportCounts> {
  const tasks = [...taskBatches(job, signal)].flat();
  const evicted = new Set<TaskId>();
  const { outputs } = job.spec.binding;
  for (const [at, output] of outputs.entries()) {
    signal.throwIfAborted();
    const path = join(dir, fileNameOf(output));
    await writeFile(`${path}.parquet`, writeParquet((await readLong(job, output, tasks, evicted, stores)).columns));
    if (layout === 'arrow') await convertParquet(`${path}.parquet`, `${path}.arrow`);
    onProgress?.(Math.floor((tasks.length * (at + 1)) / outputs.length));
  }
  return countsOf(job, tasks, evicted, stores);
}

/** One CSV file per model output, written a few thousand results at a time. */
export async function writeCsvFiles({ job, dir, signal, onProgress }: ExportOptions, stores: Stores): Promise<ExportCounts> {
  const { outputs } = job.spec.binding;
  const evicted = new Set<TaskId>();
  const all: ExportedTask[] = [];
  const files: { readonly file: FileHandle; readonly output: string; header: string | undefined }[] = [];
  try {
    for (const output of outputs) files.push({ output, file: await open(join(dir, `${fileNameOf(output)}.csv`), 'wx'), header: undefined });
    for (const tasks of taskBatches(job, signal)) {
      all.push(...tasks);
      for (const target of files) {
        const { columns, rows } = await readLong(job, target.output, tasks, evicted, stores);
        if (rows === 0) continue;
        const header = columns.map(({ name }) => name).join();
        if (target.header !== undefined && target.header !== header) throw differing(target.output);
        for (const text of csvLines(columns.map(decoded), { hasHeader: target.header === undefined })) await target.file.write(text);
        target.header = header;
      }
      onProgress?.(all.length);
    }
  } finally {
    for (const { file } of files) await file.close();
  }
  return countsOf(job, all, evicted, stores);
}

async function readLong(
  job: Job,
  output: string,
  tasks: readonly ExportedTask[],
  evicted: Set<TaskId>,
  { provenance }: Stores,
): Promise<{ columns: ParquetColumn[]; rows: number }> {
  const ids = tasks.map(({ id }) => id);
  const read = await provenance.readOutput(job.sims, ids, output);
  for (const id of read.evicted) evicted.add(id);
  const missing = new Set(read.missing);
  const there = tasks.filter(({ id }) => !missing.has(id));
  return { columns: longColumns(job, output, there, read.table), rows: read.table.columns[0]?.values.length ?? 0 };
}

async function countsOf(
  job: Job,
  tasks: readonly ExportedTask[],
  evicted: ReadonlySet<TaskId>,
  { provenance }: Stores,
): Promise<ExportCounts> {
  const existing = await provenance.existing(job.sims);
  const found = tasks.filter(({ id }) => existing.has(id)).length;
  return { results: found - evicted.size, missing: tasks.length - found, evicted: evicted.size };
}

function differing(output: string): ModelOpsError {
  return new ModelOpsError('MODEL_INVALID', `the columns of output ${output} differ between results`, {
    hint: 'use --layout tree, which keeps each result as it is',
  });
}

/** A column with one value per row. */
function decoded(column: ParquetColumn): { readonly name: string; readonly values: ArrayLike<unknown> } {
  if (column.type !== 'coded') return column;
  const { name, dictionary, indices, repeats } = column;
  const values: unknown[] = [];
  indices.forEach((index, at) => {
    for (let row = 0; row < (repeats?.[at] ?? 1); row++) values.push(dictionary[index]);
  });
  return { name, values };
}
