import { type AggregationId, ModelOpsError } from '@modelops/contracts';
import type { ColumnData } from '../parquet/decode-column.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import type { AggregationRow } from '../rows.ts';
import { TaskIdSet } from './task-id-set.ts';

/** What losses are made from: a row without its ids, which are long. */
export type AggregatedLoss = Pick<
  AggregationRow,
  'loss' | 'n_replicates' | 'replicate_mean' | 'standard_error' | 'computed_at' | 'job_id' | 'reason'
>;

/** The aggregations of an address, by id. Of duplicates a row with a loss takes precedence, then that of the lowest pack name. */
export interface Aggregations {
  readonly size: number;
  has(id: AggregationId): boolean;
  get(id: AggregationId): AggregationRow | undefined;
  /** The number of an id, or −1; it does not change. */
  indexOf(id: AggregationId): number;
  /** The row of a number, without its ids and diagnostics: five times as fast as {@link get}. */
  lossAt(number: number): AggregatedLoss;
  rowAt(number: number): AggregationRow;
  /** In the order in which their ids were first seen. */
  values(): Iterable<AggregationRow>;
  /** The pack whose row counts. */
  packOf(id: AggregationId): string | undefined;
}

/** Aggregations that grow by packs. */
export interface GrowingAggregations extends Aggregations {
  /** @throws STORE_CORRUPT, with nothing added, if the columns are not those of an index of aggregations */
  addIndex(pack: string, index: ParquetTable): void;
  addRows(pack: string, rows: readonly AggregationRow[]): void;
}

/** A pack: its rows are made from its columns when they are read. */
interface Pack {
  readonly name: string;
  readonly rowAt: (row: number) => AggregationRow;
  readonly lossAt: (row: number) => AggregatedLoss;
}

/**
 * Keeps the columns of packs as they were decoded, texts as bytes: a row takes about 100 bytes, where objects and strings take
 * five times as much and cost the garbage collector seconds for 1,000,000 rows.
 */
export function createAggregations(): GrowingAggregations {
  const ids = new TaskIdSet<AggregationId>();
  const packs: Pack[] = [];
  let packOf = new Int32Array(1024);
  let rowOf = new Int32Array(1024);
  let hasLoss = new Uint8Array(1024);

  const put = (at: number, pack: number, row: number, isLoss: boolean, isNew: boolean): void => {
    if (at >= packOf.length) [packOf, rowOf, hasLoss] = [longer(packOf), longer(rowOf), longer(hasLoss)];
    if (!isNew) {
      const isHeldLoss = hasLoss[at] === 1;
      const precedes = isLoss === isHeldLoss ? packs[pack]!.name < packs[packOf[at]!]!.name : isLoss;
      if (!precedes) return;
    }
    packOf[at] = pack;
    rowOf[at] = row;
    hasLoss[at] = isLoss ? 1 : 0;
  };
  const indexOf = (id: AggregationId) => ids.indexOf(id);
  const rowAt = (at: number) => packs[packOf[at]!]!.rowAt(rowOf[at]!);

  return {
    get size() {
      return ids.size;
    },
    indexOf,
    rowAt,
    lossAt: (at) => packs[packOf[at]!]!.lossAt(rowOf[at]!),
    has: (id) => indexOf(id) >= 0,
    get(id) {
      const at = indexOf(id);
      return at < 0 ? undefined : rowAt(at);
    },
    *values() {
      for (let at = 0; at < ids.size; at++) yield rowAt(at);
    },
    packOf(id) {
      const at = indexOf(id);
      return at < 0 ? undefined : packs[packOf[at]!]!.name;
    },
    addIndex(name, index) {
      const reader = rowReader(index);
      const { texts } = index.column('aggregation_id');
      const lossAt = valueReader(index.column('loss'));
      if (texts === undefined || !texts.every(({ starts }) => areIds(starts)))
        throw new ModelOpsError('STORE_CORRUPT', `the index of ${name} has unexpected columns`);
      const pack = packs.push({ name, ...reader }) - 1;
      let row = 0;
      for (const { bytes, starts } of texts) {
        let next = ids.size;
        const places = ids.addMany(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), starts.subarray(0, -1));
        for (const at of places) {
          const isNew = at === next;
          if (isNew) next++;
          put(at, pack, row, lossAt(row) !== null, isNew);
          row++;
        }
      }
    },
    addRows(name, rows) {
      const inMemory = (row: number) => rows[row]!;
      const pack = packs.push({ name, rowAt: inMemory, lossAt: inMemory }) - 1;
      rows.forEach(({ aggregation_id, loss }, row) => {
        const before = ids.size;
        const at = ids.add(aggregation_id);
        put(at, pack, row, loss !== null, at === before);
      });
    },
  };
}

/** The rows of an index of aggregations. @throws STORE_CORRUPT */
export function aggregationRows(index: ParquetTable): AggregationRow[] {
  const { rowAt } = rowReader(index);
  return Array.from({ length: index.rows }, (_, row) => rowAt(row));
}

/** Reads rows of an index one by one. Ids and diagnostics, the longest texts, are decoded when a whole row is first read. */
function rowReader(index: ParquetTable): Pick<Pack, 'rowAt' | 'lossAt'> {
  const reader = (name: keyof AggregationRow) => valueReader(index.column(name)) as (row: number) => never;
  const later = (name: keyof AggregationRow): ((row: number) => never) => {
    if (!index.has(name)) throw new ModelOpsError('STORE_CORRUPT', `a Parquet file has no column ${name}`);
    let read: ((row: number) => never) | undefined;
    return (row) => {
      read ??= reader(name);
      return read(row);
    };
  };
  const [id, param_id, target, diagnostics] = [later('aggregation_id'), later('param_id'), later('target'), later('diagnostics')];
  const [loss, n_replicates, computed_at] = [reader('loss'), reader('n_replicates'), reader('computed_at')];
  const [job_id, reason] = [reader('job_id'), reader('reason')];
  const spread = index.has('standard_error') ? { mean: reader('replicate_mean'), error: reader('standard_error') } : undefined;
  const lossAt = (row: number): AggregatedLoss => ({
    loss: loss(row),
    n_replicates: n_replicates(row),
    computed_at: computed_at(row),
    job_id: job_id(row),
    reason: reason(row),
    ...(spread === undefined ? {} : { replicate_mean: spread.mean(row), standard_error: spread.error(row) }),
  });
  return {
    lossAt,
    rowAt: (row) => ({
      aggregation_id: id(row),
      param_id: param_id(row),
      target: target(row),
      ...lossAt(row),
      get diagnostics() {
        return diagnostics(row);
      },
    }),
  };
}

/** Reads a column by row without making a list of it. */
function valueReader({ texts, codes, numbers, values }: ColumnData): (row: number) => unknown {
  if (codes !== undefined) return (row) => codes.dictionary[codes.indices[row]!];
  if (numbers !== undefined) return (row) => numbers[row];
  if (values !== undefined) return (row) => values[row];
  const pages = (texts ?? []).map(({ bytes, starts }) => ({
    buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    starts,
  }));
  return (row) => {
    let at = row;
    for (const { buffer, starts } of pages) {
      if (at < starts.length - 1) return buffer.toString('utf8', starts[at]!, starts[at + 1]! - 4);
      at -= starts.length - 1;
    }
    return undefined;
  };
}

/** Whether all texts have 64 bytes, as SHA-256 in hex. */
function areIds(starts: Int32Array): boolean {
  for (let at = 0; at < starts.length - 1; at++) if (starts[at + 1]! - starts[at]! !== 68) return false;
  return true;
}

function longer<T extends Int32Array | Uint8Array>(values: T): T {
  const larger = new (values.constructor as new (length: number) => T)(values.length * 2);
  larger.set(values);
  return larger;
}
