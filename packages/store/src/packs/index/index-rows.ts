import type { TaskId } from '@modelops/contracts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import type { FailedRow, SimulationRow } from '../rows.ts';
import { isOpen, type Opened, outputNames } from './open-index.ts';

/** One output of a result, as its pack's index describes it. */
export interface OutputEntry {
  readonly name: string;
  /** Rows of this result. */
  readonly rows: number;
  /** SHA-256 of the pack's file, hex; null where the output has no columns and so no file. */
  readonly sha256: string | null;
}

/** Everything that an index contains about one simulation. */
export interface IndexRow extends SimulationRow {
  readonly pack: string;
  /** The job whose worker wrote it. */
  readonly job_id: string;
  readonly worker: string;
  readonly outputs: readonly OutputEntry[];
}

/** Rows of a pack's index, by their numbers. @throws STORE_CORRUPT */
export function indexRows(index: ParquetTable, pack: string, places: readonly number[]): IndexRow[] {
  if (places.length === 0) return [];
  const ids = index.list<TaskId>('task_id');
  const paramIds = index.list<IndexRow['param_id']>('param_id');
  const [params, seeds, statuses] = [index.list<string>('params'), index.list<bigint>('seed'), index.list<IndexRow['status']>('status')];
  const [errors, started, durations] = [
    index.list<string | null>('error'),
    index.list<number>('started_at'),
    index.list<number>('duration_ms'),
  ];
  const [jobs, workers] = [index.list<string>('job_id'), index.list<string>('worker')];
  const outputsAt = outputReader(index);
  return places.map((at) => ({
    task_id: ids[at]!,
    param_id: paramIds[at]!,
    params: params[at]!,
    seed: seeds[at]!,
    status: statuses[at]!,
    error: errors[at]!,
    started_at: started[at]!,
    duration_ms: durations[at]!,
    job_id: jobs[at]!,
    worker: workers[at]!,
    pack,
    outputs: outputsAt(at),
  }));
}

function outputReader(index: ParquetTable): (at: number) => OutputEntry[] {
  const outputs = outputNames(index).map((name) => ({
    name,
    rows: index.list<number>(`rows_${name}`),
    digests: index.has(`sha256_${name}`) ? index.list<string>(`sha256_${name}`) : undefined,
  }));
  return (at) => outputs.map(({ name, rows, digests }) => ({ name, rows: rows[at]!, sha256: digests?.[at] ?? null }));
}

interface Place {
  readonly pack: string;
  readonly row: number;
}

/** Rows of several packs; each index is opened once. Undefined if one of the packs was deleted. */
export async function rowsAt(
  places: readonly (Place | undefined)[],
  open: (pack: string) => Promise<Opened<ParquetTable>>,
): Promise<(IndexRow | undefined)[] | undefined> {
  const rows: (IndexRow | undefined)[] = new Array(places.length);
  const byPack = new Map<string, number[]>();
  places.forEach((place, at) => {
    if (place === undefined) return;
    const held = byPack.get(place.pack);
    if (held === undefined) byPack.set(place.pack, [at]);
    else held.push(at);
  });
  for (const [pack, positions] of byPack) {
    const index = await open(pack);
    if (!isOpen(index)) return undefined;
    const found = indexRows(
      index,
      pack,
      positions.map((at) => places[at]!.row),
    );
    positions.forEach((at, nth) => {
      rows[at] = found[nth];
    });
  }
  return rows;
}

/** The failed rows of an index. @throws STORE_CORRUPT */
export function failedRows(index: ParquetTable, pack: string): FailedRow[] {
  const places = index.list<string>('status').flatMap((status, at) => (status === 'failed' ? [at] : []));
  return indexRows(index, pack, places).map(({ outputs: _, worker: __, ...row }) => row);
}
