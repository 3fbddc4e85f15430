import { getBounded, MOST_BYTES } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { badOr, type Opened } from '../index/open-index.ts';
import { INDEX } from '../pack-name.ts';
import { readSealed } from '../parquet/sealed.ts';

/** What a pack's index has about its files and its parameter sets, for readers that leave its rows to another program. */
export interface PackSummary {
  /** The bytes of the index, whose seal is intact. */
  readonly bytes: Uint8Array;
  /** Digests of the pack's output files by output, hex; an output without columns has no file and is left out. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Different parameter sets, canonical JSON, in order of first use. */
  readonly params: readonly string[];
}

const SHA256 = 'sha256_';

/** A pack of simulations as its index describes it: 'gone' when it has none, bad when its bytes have changed since they were written. */
export async function readPackSummary(objects: ObjectStore, folder: string): Promise<Opened<PackSummary>> {
  try {
    const object = await getBounded(objects, `${folder}/${INDEX}`, MOST_BYTES.index);
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
