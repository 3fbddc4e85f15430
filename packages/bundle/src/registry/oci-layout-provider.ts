import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, isDigest, isModelOpsError, ModelOpsError, parseJson, parseRepository } from '@modelops/contracts';
import * as z from 'zod';
import { MEDIA } from '../artifact/layers.ts';
import type { BundleProvider } from './bundle-provider.ts';
import { withFileLock } from './file-lock.ts';
import { checkTag } from './tag.ts';
import { verified } from './verify.ts';

const REF_NAME = 'org.opencontainers.image.ref.name';

/** What other tools wrote into an index is kept as it is. */
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
  const indexPath = (repository: string) => join(folder(repository), 'index.json');

  const readIndex = async (repository: string): Promise<LayoutIndex> => {
    const file = indexPath(repository);
    const bytes = await onDisk(file, () => readOrNothing(file));
    if (bytes === undefined) return { schemaVersion: 2, manifests: [] };
    return parseJson(bytes.toString('utf8'), indexSchema, { source: file, code: 'BUNDLE_INVALID' });
  };
  const readBlob = async (repository: string, digest: Digest): Promise<Uint8Array | undefined> => {
    const file = blobPath(repository, digest);
    const bytes = await onDisk(file, () => readOrNothing(file));
    return bytes && verified(bytes, digest, file);
  };
  const pushBlob = async (repository: string, digest: Digest, bytes: Uint8Array): Promise<void> => {
    const file = blobPath(repository, digest);
    verified(bytes, digest, 'the push');
    await onDisk(file, () => writeAside(file, bytes));
  };

  return {
    fetchManifest: readBlob,
    fetchBlob: readBlob,
    pushBlob,
    async resolveTag(repository, tag) {
      return (await readIndex(repository)).manifests.find(({ annotations }) => annotations?.[REF_NAME] === tag)?.digest;
    },
    async hasBlob(repository, digest) {
      const file = blobPath(repository, digest);
      return onDisk(file, async () => (await stat(file).catch(nothing)) !== undefined);
    },
    async pushManifest(repository, digest, bytes, tags) {
      for (const tag of tags) checkTag(tag);
      await pushBlob(repository, digest, bytes);
      const index = indexPath(repository);
      await onDisk(index, async () => {
        await writeAside(join(folder(repository), 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
        await withFileLock(`${index}.lock`, async () => {
          const held = await readIndex(repository);
          await writeAside(index, JSON.stringify(withManifest(held, { digest, size: bytes.byteLength }, tags)));
        });
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

/** The index with a manifest named by these tags, and no other by them. What loses its last tag stays listed, unnamed. */
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

const CODES = { EACCES: 'UNAUTHORISED', EPERM: 'UNAUTHORISED', EROFS: 'UNAUTHORISED' } as const;

async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isModelOpsError(error)) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    const named = CODES[code as keyof typeof CODES] ?? 'REGISTRY_UNREACHABLE';
    throw new ModelOpsError(named, `the registry's file ${path} cannot be used: ${message}`, { cause: error });
  }
}

function nothing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

async function readOrNothing(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(nothing);
}

async function writeAside(path: string, bytes: Uint8Array | string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(aside, bytes);
  await rename(aside, path);
}
