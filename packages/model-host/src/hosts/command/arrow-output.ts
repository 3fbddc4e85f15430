import { openArrow } from '../../tables/open-arrow.ts';
import type { FileColumns } from './output-columns.ts';

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
