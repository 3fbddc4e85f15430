import { sha256Hex } from '@modelops/contracts';
import { getBounded, MAX_BYTES, orBad } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { whyAbsent } from '../catalogue/list-packs.ts';
import { isOpen, type Opened, openIndex } from '../index/open-index.ts';
import { type ParquetTable, readParquet } from '../parquet/read-parquet.ts';

/** An output of a pack: simulation k has the rows [starts[k], starts[k + 1]). */
export interface PackOutput {
  readonly starts: Int32Array;
  /** Undefined if the output has no columns. */
  readonly table: ParquetTable | undefined;
}

/** Opens an output of a pack; checks its bytes against the digest in the index. */
export async function openOutput(objects: ObjectStore, folder: string, output: string): Promise<Opened<PackOutput>> {
  const index = await openIndex(objects, folder);
  if (!isOpen(index)) return index;
  if (!index.has(`rows_${output}`)) return 'lacking';
  return orBad(async () => {
    const { numbers: counts } = index.column(`rows_${output}`);
    if (!(counts instanceof Int32Array) || counts.some((count) => count < 0))
      return { bad: `its index has invalid counts of rows of ${output}` };
    const starts = startsOf(counts);
    if (!index.has(`sha256_${output}`)) return { starts, table: undefined }; // no columns, so no file
    const expected = index.list<string>(`sha256_${output}`)[0];
    const object = await getBounded(objects, `${folder}/${output}.parquet`, MAX_BYTES.output);
    if (object === undefined) return whyAbsent(objects, folder, [`${output}.parquet`]);
    const actual = sha256Hex(object.bytes);
    if (actual !== expected) return { bad: `the digest of ${output}.parquet is ${actual}, its index has ${expected}` };
    const table = readParquet(object.bytes);
    if (table.rows !== starts.at(-1)) return { bad: `${output}.parquet has ${table.rows} rows, its index has ${starts.at(-1)}` };
    return { starts, table };
  }, `cannot read ${output}.parquet`);
}

/** The first row of each simulation, then the number of rows. */
export function startsOf(rows: Int32Array): Int32Array {
  const starts = new Int32Array(rows.length + 1);
  for (let at = 0; at < rows.length; at++) starts[at + 1] = starts[at]! + rows[at]!;
  return starts;
}
