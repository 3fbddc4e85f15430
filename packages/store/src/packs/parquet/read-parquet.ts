import { ModelOpsError, messageOf } from '@modelops/contracts';
import { type ColumnData, decodeColumn } from './decode-column.ts';
import { type ColumnPlace, MAGIC } from './format.ts';
import { ByteReader, type ThriftStruct } from './thrift.ts';

/** The columns of a Parquet file, each decoded when it is asked for. */
export interface ParquetTable {
  readonly rows: number;
  readonly names: readonly string[];
  has(name: string): boolean;
  /** @throws STORE_CORRUPT for a column that is not there or whose bytes are not what they should be. */
  column(name: string): ColumnData;
  /** A column as a list: texts, numbers, booleans, null. 64-bit integers as bigint. @throws STORE_CORRUPT */
  list<T>(name: string): T[];
}

/**
 * Opens a file that {@link writeParquet} made; of other writers' files only those that use the same few encodings.
 * @throws STORE_CORRUPT
 */
export function readParquet(bytes: Uint8Array): ParquetTable {
  const { rows, places } = guarded('the footer', () => readFooter(bytes));
  const column = (name: string): ColumnData => {
    const place = places.get(name);
    if (place === undefined) throw new ModelOpsError('STORE_CORRUPT', `a Parquet file has no column ${name}`);
    return guarded(`column ${name}`, () => decodeColumn(bytes, place, rows));
  };
  return {
    rows,
    names: [...places.keys()],
    has: (name) => places.has(name),
    column,
    list: <T>(name: string) => column(name).toList() as T[],
  };
}

function guarded<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new ModelOpsError('STORE_CORRUPT', `${what} of a Parquet file cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Where the footer of a Parquet file begins. @throws RangeError when the bytes are no such file. */
export function footerStart(bytes: Uint8Array): number {
  const size = bytes.length;
  const isFramed = size >= 12 && MAGIC.equals(bytes.subarray(0, 4)) && MAGIC.equals(bytes.subarray(size - 4));
  if (!isFramed) throw new RangeError('the bytes are no Parquet file, or not all of it');
  const start = size - 8 - new DataView(bytes.buffer, bytes.byteOffset).getUint32(size - 8, true);
  if (start < MAGIC.length) throw new RangeError('its footer is longer than the file');
  return start;
}

function readFooter(bytes: Uint8Array): { rows: number; places: Map<string, ColumnPlace> } {
  const file = new ByteReader(bytes, footerStart(bytes)).struct();
  const elements = (file.get(2) as ThriftStruct[]).slice(1);
  const groups = file.get(4) as ThriftStruct[];
  if (groups.length > 1) throw new RangeError(`it has ${groups.length} row groups; another program wrote it`);
  const chunks = (groups[0]?.get(1) ?? []) as ThriftStruct[];
  const places = new Map<string, ColumnPlace>();
  elements.forEach((element, at) => {
    const meta = chunks[at]?.get(3) as ThriftStruct | undefined;
    const name = Buffer.from(element.get(4) as Uint8Array).toString('utf8');
    places.set(name, {
      name,
      physical: element.get(1) as number,
      converted: (element.get(6) as number | undefined) ?? undefined,
      isOptional: element.get(3) === 1,
      codec: (meta?.get(4) as number | undefined) ?? 0,
      start: ((meta?.get(11) ?? meta?.get(9)) as number | undefined) ?? 0,
    });
  });
  return { rows: file.get(3) as number, places };
}
