import type { BundleEnvironment } from '@modelops/contracts';
import { cachedIndexes, createJobRegistry, lazyProvenanceStore, openObjectStore } from '@modelops/store';
import type { Stores } from './job-context.ts';

export interface OpenStoresOptions {
  /** Local folder that caches immutable objects of a remote store. */
  readonly cacheDir: string;
  readonly onOldForm?: (warning: string) => void;
  /** Report bad packs without moving them. Default: false, they are quarantined. */
  readonly isReadOnly?: boolean;
  readonly onBadPack?: (report: { readonly pack: string; readonly reason: string }) => void;
}

/** The stores of an environment. */
export async function openStores(
  { storage }: Pick<BundleEnvironment, 'storage'>,
  { cacheDir, isReadOnly = false, onBadPack, onOldForm }: OpenStoresOptions,
): Promise<Stores> {
  const objects = await openObjectStore(storage);
  const cached = cachedIndexes(objects, storage, cacheDir);
  const now = Date.now;
  return {
    objects,
    cached,
    registry: createJobRegistry(cached, { now: () => new Date(now()), ...(onOldForm === undefined ? {} : { onOldForm }) }),
    provenance: lazyProvenanceStore(cached, { isReadOnly, ...(onBadPack === undefined ? {} : { onBadPack }) }),
    now,
    random: Math.random,
  };
}
