import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, ModelOpsError, parseRepository } from '@modelops/contracts';
import { MEDIA } from '../artifact/layers.ts';
import type { BundleProvider } from './bundle-provider.ts';
import { verified } from './verify.ts';

const REF_NAME = 'org.opencontainers.image.ref.name';

interface LayoutIndex {
  readonly schemaVersion: 2;
  readonly manifests: readonly {
    readonly mediaType: string;
    readonly digest: Digest;
    readonly size: number;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

/** Repositories as folders in OCI Image Layout under `root`, readable by any OCI tool. */
export function createOciLayoutProvider(root: string): BundleProvider {
  const folder = (repository: string) => join(root, parseRepository(repository).name);
  const blobPath = (repository: string, digest: Digest) => join(folder(repository), 'blobs', 'sha256', digest.slice('sha256:'.length));
  const indexPath = (repository: string) => join(folder(repository), 'index.json');

  const readIndex = async (repository: string): Promise<LayoutIndex> => {
    const text = await readOrNothing(indexPath(repository));
    return text === undefined ? { schemaVersion: 2, manifests: [] } : (JSON.parse(Buffer.from(text).toString('utf8')) as LayoutIndex);
  };
  const readBlob = async (repository: string, digest: Digest): Promise<Uint8Array | undefined> => {
    const bytes = await readOrNothing(blobPath(repository, digest));
    return bytes && verified(bytes, digest, blobPath(repository, digest));
  };

  return {
    fetchManifest: readBlob,
    fetchBlob: readBlob,
    async resolveTag(repository, tag) {
      return (await readIndex(repository)).manifests.find(({ annotations }) => annotations?.[REF_NAME] === tag)?.digest;
    },
    async hasBlob(repository, digest) {
      return stat(blobPath(repository, digest)).then(
        () => true,
        () => false,
      );
    },
    async pushBlob(repository, digest, bytes) {
      await writeAside(blobPath(repository, digest), verified(bytes, digest, 'the push'));
    },
    async pushManifest(repository, digest, bytes, tags) {
      await writeAside(blobPath(repository, digest), verified(bytes, digest, 'the push'));
      await writeAside(join(folder(repository), 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
      await locked(`${indexPath(repository)}.lock`, async () => {
        const { manifests } = await readIndex(repository);
        const kept = manifests.filter(
          ({ digest: other, annotations }) =>
            !tags.includes(annotations?.[REF_NAME] ?? '') && !(other === digest && annotations === undefined),
        );
        const entry = { mediaType: MEDIA.manifest, digest, size: bytes.byteLength };
        const added = tags.length === 0 ? [entry] : tags.map((tag) => ({ ...entry, annotations: { [REF_NAME]: tag } }));
        await writeAside(indexPath(repository), JSON.stringify({ schemaVersion: 2, manifests: [...kept, ...added] }));
      });
    },
    async listTags(repository) {
      const { manifests } = await readIndex(repository);
      return manifests.flatMap(({ digest, annotations }) =>
        annotations?.[REF_NAME] === undefined ? [] : [{ tag: annotations[REF_NAME], digest }],
      );
    },
  };
}

async function readOrNothing(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ModelOpsError('REGISTRY_UNREACHABLE', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

let writes = 0;

async function writeAside(path: string, bytes: Uint8Array | string): Promise<void> {
  const aside = `${path}.${process.pid}-${writes++}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(aside, bytes);
  await rename(aside, path);
}

const LOCK_PATIENCE_MS = 10_000;

/** One process at a time; a lock that is older than any update takes is taken for left behind. */
async function locked<T>(lock: string, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  for (;;) {
    try {
      await writeFile(lock, '', { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const age = Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
      if (age > LOCK_PATIENCE_MS) await rm(lock, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
  }
}
