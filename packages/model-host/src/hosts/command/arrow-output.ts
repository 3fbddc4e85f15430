import { openArrow } from '../../tables/open-arrow.ts';
import type { HeldColumns } from './output-columns.ts';

/** The columns of an Arrow IPC file or stream with these names, where it has them. @throws Error for other bytes */
export async function readArrow(bytes: Buffer, asked: readonly string[]): Promise<HeldColumns> {
  const table = await openArrow(bytes);
  const names = table.schema.fields.map(({ name }) => name);
  const columns = new Map<string, ArrayLike<unknown>>();
  for (const [at, name] of names.entries()) {
    if (!asked.includes(name)) continue;
    const vector = table.getChildAt(at)!;
    columns.set(name, vector.nullCount === 0 && vector.data.length === 1 ? vector.toArray() : [...vector]);
  }
  return { names, columns };
}
