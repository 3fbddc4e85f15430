import { getBounded, MAX_BYTES } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { badOr, type Opened, SHA256 } from '../index/open-index.ts';
import { INDEX } from '../pack-name.ts';
import { readSealed } from '../parquet/sealed.ts';

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
  try {
    const object = await getBounded(objects, `${folder}/${INDEX}`, MAX_BYTES.index);
    if (object === undefined) return 'gone';
    const index = readSealed(object.bytes);
    const outputs = new Map<string, string>();
    for (const name of index.names) {
      const digest = name.startsWith(SHA256) ? index.list<string>(name)[0] : undefined;
      if (digest !== undefined) outputs.set(name.slice(SHA256.length), digest);
    }
    const { codes } = index.column('params');
    const params = codes === undefined ? [...new Set(index.list<string>('params'))] : (codes.dictionary as readonly string[]);
    return { bytes: object.bytes, outputs, params };
  } catch (error) {
    return badOr(error, 'cannot read its index');
  }
}
