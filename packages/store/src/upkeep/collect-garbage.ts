import type { ObjectStore } from '../objects/object-store.ts';
import { writeEviction } from '../packs/evicted.ts';
import { removePack } from '../packs/pack-files.ts';
import type { Garbage } from './plan-garbage.ts';

export interface CollectOptions {
  readonly now: () => number;
  /** Ends the work after the pack under way. */
  readonly signal?: AbortSignal;
  readonly onPack?: (done: number, total: number) => void;
}

/** Deletes what was planned. Outputs go only when their pack says so beside its index; a kill at any point leaves something to go on with. */
export async function collectGarbage(objects: ObjectStore, garbage: readonly Garbage[], options: CollectOptions): Promise<void> {
  for (const [at, { kind, pack, files }] of garbage.entries()) {
    if (options.signal?.aborted) return;
    if (kind === 'outputs') {
      const named = files.map(({ key, size }) => ({ name: key.slice(pack.length + 1), size }));
      await writeEviction(objects, pack, { at: new Date(options.now()).toISOString(), files: named });
    }
    await removePack(
      objects,
      files.map(({ key }) => key),
    );
    options.onPack?.(at + 1, garbage.length);
  }
}
