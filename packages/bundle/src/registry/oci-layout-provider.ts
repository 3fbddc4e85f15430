import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest, isModelOpsError, ModelOpsError, messageOf, parseRepository } from '@modelops/contracts';
import { codeOf, createFileLocks, isUnwritable, writeFileAtomically } from '@modelops/system';
import * as z from 'zod';
import { MEDIA } from '../artifact/layers.ts';
import { type BlobRef, type BundleProvider, MAX_MANIFEST_BYTES } from './bundle-provider.ts';
import { parseForeignJson } from './foreign-json.ts';
import { openRegular, readWhole } from './regular-file.ts';
import { checkTag } from './tag.ts';
import { verified, verifiedBlob, verifiedFile, writeVerified } from './verify.ts';

const REF_NAME = 'org.opencontainers.image.ref.name';
/** About 50,000 pushes: an index entry has about 300 bytes. */
const MAX_INDEX_BYTES = 16 * 2 ** 20;
/** An index is locked for milliseconds. */
const LOCK_TIMEOUT_MS = 30_000;

/** Fields and entries of other tools in an index are kept. */
const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(
    z.looseObject({ digest: z.string().refine(isDigest, 'not a sha256 digest'), annotations: z.record(z.string(), z.string()).optional() }),
  ),
});
type LayoutIndex = z.output<typeof indexSchema>;

/** Repositories as folders in OCI Image Layout under `root`, readable by any OCI tool. */
export function createOciLayoutProvider(root: string): BundleProvider {
  const folder = (repository: string) => join(root, parseRepository(repository).name);
  const blobPath = (repository: string, digest: Digest) => join(folder(repository), 'blobs', 'sha256', digest.slice('sha256:'.length));
  // No repository name starts with a dot.
  const withLock = createFileLocks(join(root, '.locks'));
  const indexPath = (repository: string) => join(folder(repository), 'index.json');

  const readIndex = async (repository: string): Promise<LayoutIndex> => {
    const file = indexPath(repository);
    const bytes = await onDisk(file, () => readWhole(file, MAX_INDEX_BYTES));
    if (bytes === undefined) return { schemaVersion: 2, manifests: [] };
    return parseForeignJson(bytes, indexSchema, { source: file, code: 'BUNDLE_INVALID' });
  };
  const readBlob = async (repository: string, digest: Digest, maxBytes: number): Promise<Uint8Array | undefined> => {
    const file = blobPath(repository, digest);
    const bytes = await onDisk(file, () => readWhole(file, maxBytes));
    return bytes && verified(bytes, digest, file);
  };
  const pushBlob = async (repository: string, digest: Digest, bytes: Uint8Array): Promise<void> => {
    const file = blobPath(repository, digest);
    verified(bytes, digest, 'the push');
    await onDisk(file, () => writeFileAtomically(file, bytes, { sync: false }));
  };

  return {
    fetchManifest: (repository, digest) => readBlob(repository, digest, MAX_MANIFEST_BYTES),
    async fetchBlob(repository, blob) {
      const bytes = await readBlob(repository, blob.digest, blob.size);
      return bytes && verifiedBlob(bytes, blob, blobPath(repository, blob.digest));
    },
    async downloadBlob(repository, blob, to) {
      const from = blobPath(repository, blob.digest);
      return onDisk(from, () => copyVerified(from, blob, to));
    },
    pushBlob,
    async uploadBlob(repository, blob, from) {
      const file = blobPath(repository, blob.digest);
      await onDisk(file, () => writeFileAtomically(file, verifiedFile(from, blob), { sync: false }));
    },
    async resolveTag(repository, tag) {
      return (await readIndex(repository)).manifests.find(({ annotations }) => annotations?.[REF_NAME] === tag)?.digest;
    },
    async hasBlob(repository, digest) {
      const file = blobPath(repository, digest);
      return onDisk(file, async () => (await lstat(file).catch(absent))?.isFile() === true);
    },
    async pushManifest(repository, digest, bytes, tags) {
      for (const tag of tags) checkTag(tag);
      await pushBlob(repository, digest, bytes);
      const index = indexPath(repository);
      await onDisk(index, async () => {
        await writeFileAtomically(join(folder(repository), 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
        await withLock(
          index,
          async () => {
            const held = await readIndex(repository);
            await writeFileAtomically(index, JSON.stringify(withManifest(held, { digest, size: bytes.byteLength }, tags)));
          },
          { timeoutMs: LOCK_TIMEOUT_MS },
        );
      });
    },
    async listTags(repository) {
      const tags = (await readIndex(repository)).manifests.flatMap(({ digest, annotations }) => {
        const tag = annotations?.[REF_NAME];
        return tag === undefined ? [] : [{ tag, digest }];
      });
      return tags.sort((a, b) => (a.tag < b.tag ? -1 : 1));
    },
  };
}

/** The index after moving these tags to this manifest. A manifest that loses its last tag stays listed without one. */
function withManifest(index: LayoutIndex, { digest, size }: { digest: Digest; size: number }, tags: readonly string[]): LayoutIndex {
  const entry = { mediaType: MEDIA.manifest, artifactType: MEDIA.artifact, digest, size };
  const isMoved = ({ annotations }: LayoutIndex['manifests'][number]) => tags.includes(annotations?.[REF_NAME] ?? '');
  const all: LayoutIndex['manifests'] = [
    ...index.manifests.map((one) => (isMoved(one) ? { ...one, annotations: undefined } : one)),
    ...(tags.length === 0 ? [entry] : tags.map((tag) => ({ ...entry, annotations: { [REF_NAME]: tag } }))),
  ];
  const named = new Set(all.filter(({ annotations }) => annotations !== undefined).map((one) => one.digest));
  const seen = new Set<Digest>();
  const manifests = all.filter(
    (one) => one.annotations !== undefined || !(named.has(one.digest) || seen.size === seen.add(one.digest).size),
  );
  return { ...index, manifests };
}

async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isModelOpsError(error)) throw error;
    const hint = 'check free space and the permissions of this folder, or set MODELOPS_HOME to another one';
    throw isUnwritable(error)
      ? new ModelOpsError('STORE_UNWRITABLE', `cannot use ${path} of the registry (${codeOf(error)})`, { cause: error, hint })
      : new ModelOpsError('REGISTRY_UNREACHABLE', `cannot use ${path} of the registry: ${messageOf(error)}`, { cause: error });
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** False if there is no such blob. */
async function copyVerified(from: string, blob: BlobRef, to: string): Promise<boolean> {
  const opened = await openRegular(from, blob.size);
  if (opened === undefined) return false;
  try {
    await writeVerified(to, opened.file.createReadStream({ autoClose: false }), blob, from);
  } finally {
    await opened.file.close();
  }
  return true;
}
