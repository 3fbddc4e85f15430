import type { BundleEnvironment } from '@modelops/contracts';
import {
  cachedIndexes,
  createJobRegistry,
  lazyProvenanceStore,
  openObjectStore,
  type ProvenanceOptions,
  type RegistryOptions,
} from '@modelops/store';
import type { Stores } from './job-context.ts';

export interface OpenStoresOptions extends Pick<RegistryOptions, 'onOldForm'>, Pick<ProvenanceOptions, 'isReadOnly' | 'onBadPack'> {
  /** Local folder that caches immutable objects of a remote store. */
  readonly cacheDir: string;
}

/** The stores of an environment. */
export async function openStores(
  { storage }: Pick<BundleEnvironment, 'storage'>,
  { cacheDir, ...options }: OpenStoresOptions,
): Promise<Stores> {
  const objects = await openObjectStore(storage);
  const cached = cachedIndexes(objects, storage, cacheDir);
  const now = Date.now;
  return {
    objects,
    cached,
    registry: createJobRegistry(cached, { ...options, now: () => new Date(now()) }),
    provenance: lazyProvenanceStore(cached, options),
    now,
    random: Math.random,
  };
}
