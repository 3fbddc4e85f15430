import type { BundleEnvironment } from '@modelops/contracts';
import { createJobRegistry, createProvenanceStore, openObjectStore } from '@modelops/store';
import type { Stores } from './job-context.ts';

export interface OpenStoresOptions {
  readonly onOldForm?: (warning: string) => void;
  readonly onBadPack?: (report: { readonly pack: string; readonly reason: string }) => void;
}

/** The stores of an environment. */
export async function openStores(
  { storage }: Pick<BundleEnvironment, 'storage'>,
  { onBadPack, onOldForm }: OpenStoresOptions = {},
): Promise<Stores> {
  const objects = await openObjectStore(storage);
  const now = Date.now;
  return {
    objects,
    registry: createJobRegistry(objects, { now: () => new Date(now()), ...(onOldForm === undefined ? {} : { onOldForm }) }),
    provenance: createProvenanceStore(objects, onBadPack === undefined ? {} : { onBadPack }),
    now,
    random: Math.random,
  };
}
