import { ModelOpsError, type TaskId } from '@modelops/contracts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import type { SimulationRow } from '../rows.ts';
import { TaskIdSet } from './task-id-set.ts';

/**
 * The pack and row of each task that has a result: 8 bytes in addition to its id. Of duplicates the pack with the lowest name counts; one whose outputs were deleted
 * counts only if there is no other.
 */
export interface TaskPlaces {
  readonly existing: TaskIdSet;
  /** Adds an index's rows; true if some of them failed. @throws STORE_CORRUPT */
  addIndex(pack: string, index: ParquetTable): boolean;
  /** The same for rows in memory. */
  addRows(pack: string, rows: readonly SimulationRow[]): boolean;
  find(id: TaskId): { readonly pack: string; readonly row: number } | undefined;
}

/** `evicted` names the packs whose outputs were deleted; it is read as indexes are added. */
export function createTaskPlaces(evicted: ReadonlySet<string>): TaskPlaces {
  const existing = new TaskIdSet();
  const packs: string[] = [];
  let packOf = new Int32Array(1024);
  let rowOf = new Int32Array(1024);

  const rank = (pack: string) => `${evicted.has(pack) ? 1 : 0}${pack}`;
  const reserve = (tasks: number): void => {
    while (tasks > packOf.length) [packOf, rowOf] = [doubled(packOf), doubled(rowOf)];
  };
  const put = (task: number, pack: number, row: number, isNew: boolean): void => {
    reserve(task + 1);
    if (!isNew && rank(packs[packOf[task]!]!) <= rank(packs[pack]!)) return;
    packOf[task] = pack;
    rowOf[task] = row;
  };

  return {
    existing,
    addIndex(name, index) {
      const pack = packs.push(name) - 1;
      const { codes: status } = index.column('status');
      const { texts } = index.column('task_id');
      if (status === undefined || texts === undefined)
        throw new ModelOpsError('STORE_CORRUPT', `the index of ${name} has unexpected columns`);
      const ok = status.dictionary.findIndex((text: string | bigint) => text === 'ok');
      let hasFailed = false;
      let first = 0;
      for (const { bytes, starts } of texts) {
        const rows = rowsOf(status.indices, ok, first, first + starts.length - 1);
        hasFailed ||= rows.length < starts.length - 1;
        const before = existing.size;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const isAll = rows.length === starts.length - 1;
        const tasks = existing.addMany(view, isAll ? starts.subarray(0, -1) : rows.map((row) => starts[row - first]!));
        first += starts.length - 1;
        if (existing.size - before === rows.length) {
          reserve(existing.size);
          packOf.fill(pack, before, existing.size);
          rowOf.set(rows, before);
          continue;
        }
        for (let at = 0, next = before; at < rows.length; at++) {
          const isNew = tasks[at] === next;
          put(tasks[at]!, pack, rows[at]!, isNew);
          if (isNew) next++;
        }
      }
      return hasFailed;
    },
    addRows(name, rows) {
      const pack = packs.push(name) - 1;
      rows.forEach(({ task_id, status }, row) => {
        if (status !== 'ok') return;
        const before = existing.size;
        const task = existing.add(task_id);
        put(task, pack, row, task === before);
      });
      return rows.some(({ status }) => status !== 'ok');
    },
    find(id) {
      const task = existing.indexOf(id);
      return task < 0 ? undefined : { pack: packs[packOf[task]!]!, row: rowOf[task]! };
    },
  };
}

/** The rows of [start, end) that have a code. */
function rowsOf(codes: ArrayLike<number>, code: number, start: number, end: number): Int32Array {
  const rows = new Int32Array(end - start);
  let count = 0;
  for (let row = start; row < end; row++) if (codes[row] === code) rows[count++] = row;
  return rows.subarray(0, count);
}

function doubled(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}
