import type { Table } from 'apache-arrow';
import type { FileColumns } from '../hosts/command/output-columns.ts';

const MAGIC = Buffer.from('ARROW1');
/** A stream begins with this, before the length of its schema, and ends with it, before a length of 0. */
const CONTINUATION = Buffer.from([255, 255, 255, 255]);
const STREAM_END = Buffer.concat([CONTINUATION, Buffer.alloc(4)]);

/** The table of an Arrow IPC file or stream. Loads Arrow at first use. @throws Error for bytes that are not a complete file or stream */
export async function openArrow(bytes: Uint8Array): Promise<Table> {
  if (!isWhole(bytes)) throw new Error('it is not a complete Arrow file');
  const { tableFromIPC } = await import('apache-arrow');
  return tableFromIPC(bytes);
}

/** Whether the bytes begin and end as a file or a stream does; the library reads any other bytes as an empty table. */
function isWhole(bytes: Uint8Array): boolean {
  const begins = (edge: Uint8Array) => Buffer.compare(bytes.subarray(0, edge.length), edge) === 0;
  const ends = (edge: Uint8Array) => Buffer.compare(bytes.subarray(-edge.length), edge) === 0;
  return (begins(MAGIC) && ends(MAGIC)) || (begins(CONTINUATION) && ends(STREAM_END));
}

/** Reads the columns of an Arrow IPC file or stream that have these names. @throws Error for other bytes */
export async function readArrow(bytes: Buffer, requested: readonly string[]): Promise<FileColumns> {
  const table = await openArrow(bytes);
  const names = table.schema.fields.map(({ name }) => name);
  const columns = new Map<string, ArrayLike<unknown>>();
  for (const [at, name] of names.entries()) {
    if (!requested.includes(name)) continue;
    const vector = table.getChildAt(at)!;
    columns.set(name, vector.nullCount === 0 && vector.data.length === 1 ? vector.toArray() : [...vector]);
  }
  return { names, columns };
}
