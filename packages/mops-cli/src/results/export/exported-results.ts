import { rm } from 'node:fs/promises';
import { ModelOpsError, type TaskId } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import { literal, withDuck } from '../views/duckdb.ts';

export const LAYOUTS = ['tree', 'parquet', 'csv', 'arrow'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** The extension of an export's tables. */
export const extensionOf = (layout: Layout) => (layout === 'tree' ? 'parquet' : layout);

/** A task in an export. */
export interface ExportedTask {
  readonly id: TaskId;
  readonly set: number;
  readonly seed: bigint;
}

export interface ExportOptions {
  readonly job: Job;
  /** An empty folder to fill. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** Called with the number of tasks processed so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Tasks in a batch: the index rows of a batch and the outputs of one pack are in memory together. */
const BATCH = 8_192;

/** The distinct tasks of a job in order, in batches. Two replicates of a set with equal seeds are one task. */
export function* taskBatches({ tasks }: Job, signal: AbortSignal): Iterable<readonly ExportedTask[]> {
  let batch: ExportedTask[] = [];
  for (let set = 0; set < tasks.groupCount; set++) {
    const seen = new Set<TaskId>();
    const { start, end } = tasks.groupAt(set);
    for (let task = start; task < end; task++) {
      const id = tasks.idAt(task);
      if (seen.has(id)) continue;
      seen.add(id);
      batch.push({ id, set, seed: BigInt(tasks.seedAt(task)) });
      if (batch.length < BATCH) continue;
      yield checked(batch, signal);
      batch = [];
    }
  }
  if (batch.length > 0) yield checked(batch, signal);
}

function checked<T>(value: T, signal: AbortSignal): T {
  if (signal.aborted) throw new ModelOpsError('INTERRUPTED', 'the export was interrupted; nothing was written');
  return value;
}

/** The name of an output as part of a file name. @throws MODEL_INVALID if the name would escape the folder */
export function fileNameOf(output: string): string {
  if (!/[/\\\0]/.test(output)) return output;
  throw new ModelOpsError('MODEL_INVALID', `output ${JSON.stringify(output)} cannot be part of a file name`, {
    hint: 'rename the output',
  });
}

/** Converts a Parquet file to Parquet, CSV or Arrow, by the extension of `to`, and deletes it. `columns` is the list of a SELECT. */
export async function convertParquet(from: string, to: string, columns = '*'): Promise<void> {
  await withDuck(async (connection) => {
    const rows = `SELECT ${columns} FROM read_parquet(${literal(from)})`;
    if (to.endsWith('.arrow'))
      await (await import('../query/write-arrow.ts')).writeArrow(await connection.stream(rows), to, Number.POSITIVE_INFINITY);
    else await connection.run(`COPY (${rows}) TO ${literal(to)} (${to.endsWith('.csv') ? 'FORMAT csv, HEADER' : 'FORMAT parquet'})`);
  });
  await rm(from);
}
