import { join } from 'node:path';
import { type BundleEnvironment, reveal, sha256Hex } from '@modelops/contracts';
import { caching } from '../../objects/caching.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { INDEX } from '../pack-name.ts';
import { isSealed } from '../parquet/file-frame.ts';

const SPEC = /^jobs\/[^/]+\/(spec|specs\/[0-9a-f]{64})\.json$/;
const isIndex = (key: string) => key.startsWith('provenance/') && key.endsWith(`/${INDEX}`);

/**
 * A remote store that caches immutable objects under `cacheDir`, separately for each store: the indexes of packs, whose names are never
 * reused, and the specs of jobs. Listings and indexes with an invalid seal are not cached. A folder store is returned unchanged.
 */
export function cachedIndexes(objects: ObjectStore, storage: BundleEnvironment['storage'], cacheDir: string): ObjectStore {
  if (storage.provider === 'fs') return objects;
  return caching(objects, {
    dir: join(cacheDir, 'objects', nameOf(storage)),
    isImmutable: (key) => isIndex(key) || SPEC.test(key),
    isSound: (key, bytes) => !isIndex(key) || isSealed(bytes),
  });
}

/** Distinguishes stores by account and container; uses no secrets of a connection string. */
function nameOf({ account_url, connection_string = '', container = '' }: BundleEnvironment['storage']): string {
  const parts = ['DefaultEndpointsProtocol', 'AccountName', 'EndpointSuffix', 'BlobEndpoint'];
  const account = reveal(connection_string)
    .split(';')
    .filter((part) => parts.some((name) => part.startsWith(`${name}=`)));
  return sha256Hex(JSON.stringify([account_url ?? null, account.sort(), container])).slice(0, 16);
}
