import type { ObjectStore } from '../../objects/object-store.ts';
import { getBounded, MAX_BYTES, orBad } from '../../objects/read-objects.ts';
import { digestsIn, type Opened, UNREADABLE_INDEX } from '../index/open-index.ts';
import { INDEX } from '../pack-name.ts';
import { readSealed } from '../parquet/read-parquet.ts';

/** The files and parameter sets of a pack, for readers that pass its rows to another program. */
export interface PackSummary {
  /** The bytes of the index, whose seal is intact. */
  readonly bytes: Uint8Array;
  /** Digests of the pack's output files by output, hex; an output without columns has no file and is omitted. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Distinct parameter sets, canonical JSON, in order of first use. */
  readonly params: readonly string[];
}

/** Reads the index of a pack of simulations: 'gone' if there is none, bad if its bytes have changed since they were written. */
export async function readPackSummary(objects: ObjectStore, folder: string): Promise<Opened<PackSummary>> {
  return orBad(async () => {
    const object = await getBounded(objects, `${folder}/${INDEX}`, MAX_BYTES.index);
    if (object === undefined) return 'gone';
    const index = readSealed(object.bytes);
    const { codes } = index.column('params');
    const params = codes === undefined ? [...new Set(index.list<string>('params'))] : (codes.dictionary as readonly string[]);
    return { bytes: object.bytes, outputs: digestsIn(index), params };
  }, UNREADABLE_INDEX);
}
