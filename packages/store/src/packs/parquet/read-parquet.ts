import { ModelOpsError, messageOf } from '@modelops/contracts';
import type { ColumnMetaData, SchemaElement } from 'hyparquet';
import { parquetMetadata } from 'hyparquet/src/metadata.js';
import { type ColumnData, type ColumnLimits, decodeColumn } from './decode-column.ts';
import { footerStart, isSealed, MAGIC, shifted } from './file-frame.ts';
import type { RowGroup } from './write-parquet.ts';

/** The columns of a Parquet file, each decoded on request. */
export interface ParquetTable {
  readonly rows: number;
  readonly names: readonly string[];
  has(name: string): boolean;
  /** @throws STORE_CORRUPT for a column that does not exist or whose bytes are invalid. */
  column(name: string): ColumnData;
  /** A column as a list: texts, numbers, booleans, null. 64-bit integers as bigint. @throws STORE_CORRUPT */
  list<T>(name: string): T[];
}

/** Maximum size of a footer: 25,000 columns. */
const MAX_FOOTER_BYTES = 2 ** 22;
/** The largest output of a single task is 2 GiB, a frame of its host; most packs hold 64 MiB. */
const OUTPUT_LIMITS: ColumnLimits = { rows: 2 ** 28, bytes: 2 ** 31 };

/**
 * Opens a file of {@link writeParquet}, also of its earlier versions with Snappy and deltas, or of another writer that uses the same few encodings.
 * Rows and bytes of a column are checked against the limits before memory is allocated.
 * @throws STORE_CORRUPT
 */
export function readParquet(bytes: Uint8Array, limits: ColumnLimits = OUTPUT_LIMITS): ParquetTable {
  const { rows, groups, places } = guarded('the footer', () => readFooter(bytes, limits.rows));
  const column = (name: string): ColumnData => {
    const place = places.get(name);
    if (place === undefined) throw new ModelOpsError('STORE_CORRUPT', `a Parquet file has no column ${name}`);
    return guarded(`column ${name}`, () =>
      joinColumns(place.metas.map((meta, group) => decodeColumn(bytes, meta, place.element, { ...limits, rows: groups[group]! }))),
    );
  };
  return {
    rows,
    names: [...places.keys()],
    has: (name) => places.has(name),
    column,
    list: <T>(name: string) => column(name).toList() as T[],
  };
}

/** More than a pack holds: a pack of compaction has 250,000 results. */
const INDEX_LIMITS: ColumnLimits = { rows: 2 ** 22, bytes: 2 ** 29 };

/** Opens a file of {@link writeSealed}. @throws STORE_CORRUPT if any byte has changed since it was written. */
export function readSealed(bytes: Uint8Array): ParquetTable {
  if (!isSealed(bytes)) throw new ModelOpsError('STORE_CORRUPT', 'its bytes have changed since it was written');
  return readParquet(bytes, INDEX_LIMITS);
}

/** The column of a file from those of its row groups. */
function joinColumns(parts: readonly ColumnData[]): ColumnData {
  const [first, ...others] = parts;
  if (others.length === 0) return first!;
  const values = parts.flatMap((part) => part.toList());
  return { type: first!.type, values, toList: () => values };
}

/**
 * The row groups of a file of {@link joinRowGroups}, as views of its bytes.
 * @throws STORE_CORRUPT for bytes that are not a Parquet file whose row groups follow one another
 */
export function rowGroupsOf(bytes: Uint8Array): RowGroup[] {
  return guarded('the row groups', () => {
    const { schema, row_groups } = parquetMetadata(bytes.subarray(footerStart(bytes)), { geoparquet: false });
    let start = MAGIC.length;
    return row_groups.map(({ columns, num_rows }): RowGroup => {
      const metas = columns.map(({ meta_data }) => meta_data!);
      const size = metas.reduce((sum, { total_compressed_size }) => sum + Number(total_compressed_size), 0);
      const own = metas.map((meta, at) => ({ element: schema[at + 1]!, meta: shifted(meta, BigInt(-start)) }));
      const group = { rows: Number(num_rows), bytes: bytes.subarray(start, start + size), columns: own };
      if (group.bytes.length !== size) throw new RangeError('a row group is cut off');
      start += size;
      return group;
    });
  });
}

function guarded<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new ModelOpsError('STORE_CORRUPT', `cannot read ${what} of a Parquet file: ${messageOf(cause)}`, { cause });
  }
}

interface ColumnPlace {
  readonly element: SchemaElement;
  /** One for each row group. */
  readonly metas: readonly ColumnMetaData[];
}

const NO_PAGES: ColumnMetaData = {
  type: 'DOUBLE',
  encodings: [],
  path_in_schema: [],
  codec: 'UNCOMPRESSED',
  num_values: 0n,
  total_uncompressed_size: 0n,
  total_compressed_size: 0n,
  data_page_offset: 0n,
};

/** Maximum number of row groups: those of 100,000,000 rows. */
const MAX_GROUPS = 1_024;

function readFooter(bytes: Uint8Array, maxRows: number): { rows: number; groups: readonly number[]; places: Map<string, ColumnPlace> } {
  const start = footerStart(bytes);
  if (bytes.length - start > MAX_FOOTER_BYTES) throw new RangeError(`it is longer than ${MAX_FOOTER_BYTES} bytes`);
  const { num_rows, schema, row_groups } = parquetMetadata(bytes.subarray(start), { geoparquet: false });
  if (row_groups.length > MAX_GROUPS) throw new RangeError(`${row_groups.length} row groups, maximum ${MAX_GROUPS}`);
  const rows = Number(num_rows);
  if (!(rows >= 0 && rows <= maxRows)) throw new RangeError(`${rows} rows, maximum ${maxRows}`);
  const groups = row_groups.length < 2 ? [rows] : row_groups.map((group) => Number(group.num_rows));
  if (groups.some((count) => !(count >= 0)) || groups.reduce((sum, count) => sum + count, 0) !== rows)
    throw new RangeError(`its row groups do not hold ${rows} rows`);
  const places = new Map<string, ColumnPlace>();
  schema.slice(1).forEach((element, at) => {
    const metas = groups.map((count, group) => {
      const meta = count === 0 ? NO_PAGES : row_groups[group]?.columns[at]?.meta_data;
      if (meta === undefined) throw new RangeError(`column ${element.name} has no pages`);
      return meta;
    });
    places.set(element.name, { element, metas });
  });
  return { rows, groups, places };
}
