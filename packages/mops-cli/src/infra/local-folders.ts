import { stat } from 'node:fs/promises';
import { type BundleEnvironment, ModelOpsError, messageOf } from '@modelops/contracts';
import { codeOf, makeFolder } from '@modelops/system';
import { changeOf, type InfraChange } from './bring-up.ts';

/** The folders of an environment on this machine: of bundles, of results, or none where they are shared. */
export function foldersOf({ registry, storage }: Pick<BundleEnvironment, 'registry' | 'storage'>): string[] {
  return [registry.path, storage.path].filter((path) => path !== undefined);
}

/** Creates the folders that do not exist; a plan creates none. @throws STORE_UNWRITABLE */
export async function makeFolders(folders: readonly string[], { isPlan }: { readonly isPlan: boolean }): Promise<InfraChange[]> {
  const changes: InfraChange[] = [];
  for (const name of folders) {
    const isPresent = await isFolder(name);
    if (!isPresent && !isPlan) {
      await makeFolder(name).catch((cause: unknown) => {
        throw new ModelOpsError('STORE_UNWRITABLE', `cannot create ${name}: ${messageOf(cause)}`, {
          cause,
          hint: 'choose another folder with --path DIR',
        });
      });
    }
    changes.push(changeOf({ kind: 'folder', name }, isPresent ? [] : undefined));
  }
  return changes;
}

/** False if there is nothing at the path. @throws STORE_UNWRITABLE for a file */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new ModelOpsError('STORE_UNWRITABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw new ModelOpsError('STORE_UNWRITABLE', `${path} is not a folder`, { hint: 'choose another folder with --path DIR' });
}
