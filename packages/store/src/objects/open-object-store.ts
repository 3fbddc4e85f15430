import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import type { ObjectStore } from './object-store.ts';

/** The object store of an environment; the SDK of its provider is loaded at first use. @throws CONFIG_INVALID when a field is missing */
export async function openObjectStore(storage: BundleEnvironment['storage']): Promise<ObjectStore> {
  switch (storage.provider) {
    case 'fs': {
      if (storage.path === undefined)
        throw new ModelOpsError('CONFIG_INVALID', 'storage.path is missing', { hint: 'add the path of a folder to the environment file' });
      const { createFsObjectStore } = await import('./fs-object-store.ts');
      return createFsObjectStore(storage.path);
    }
    case 'azure': {
      const [{ createAzureObjectStore }, { retrying }] = await Promise.all([import('./azure-object-store.ts'), import('./retrying.ts')]);
      return retrying(createAzureObjectStore(storage));
    }
  }
}
