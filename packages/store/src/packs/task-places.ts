import { ModelOpsError, type TaskId } from '@modelops/contracts';
import type { ParquetTable } from './parquet/read-parquet.ts';
import type { SimulationRow } from './rows.ts';
import { TaskIdSet } from './task-id-set.ts';

/**
 * Where each task that has a result is: 8 bytes beside its id. Of duplicates the pack with the lowest name counts, one whose outputs were let go
 * only where there is no other.
 */
export interface TaskPlaces {
  readonly existing: TaskIdSet;
  /** Takes an index's rows; true when some of them failed. @throws STORE_CORRUPT */
  takeIndex(pack: string, index: ParquetTable): boolean;
  /** The same, of rows at hand. */
  takeRows(pack: string, rows: readonly SimulationRow[]): boolean;
  find(id: TaskId): { readonly pack: string; readonly row: number } | undefined;
}

/** `evicted` names the packs whose outputs were let go; it is asked as indexes are taken. */
export function createTaskPlaces(evicted: ReadonlySet<string>): TaskPlaces {
  const existing = new TaskIdSet();
  const packs: string[] = [];
  let packOf = new Int32Array(1024);
  let rowOf = new Int32Array(1024);

  const rank = (pack: string) => `${evicted.has(pack) ? 1 : 0}${pack}`;
  const put = (task: number, pack: number, row: number, isNew: boolean): void => {
    if (task >= packOf.length) [packOf, rowOf] = [doubled(packOf), doubled(rowOf)];
    if (!isNew && rank(packs[packOf[task]!]!) <= rank(packs[pack]!)) return;
    packOf[task] = pack;
    rowOf[task] = row;
  };

  return {
    existing,
    takeIndex(name, index) {
      const pack = packs.push(name) - 1;
      const { codes: status } = index.column('status');
      const { texts } = index.column('task_id');
      if (status === undefined || texts === undefined) throw new ModelOpsError('STORE_CORRUPT', `the index of ${name} is in another form`);
      const ok = status.dictionary.findIndex((text: string | bigint) => text === 'ok');
      let hasFailed = false;
      let row = 0;
      for (const { bytes, starts } of texts) {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (let at = 0; at < starts.length - 1; at++, row++) {
          if (status.indices[row] !== ok) {
            hasFailed = true;
            continue;
          }
          const before = existing.size;
          const task = existing.addBytes(view, starts[at]!);
          put(task, pack, row, task === before);
        }
      }
      return hasFailed;
    },
    takeRows(name, rows) {
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

function doubled(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}
