import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BundleManifest, count, type Digest, digestOf, ModelOpsError, messageOf } from '@modelops/contracts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { MEDIA, MODE, TITLE } from './layers.ts';
import { openBundle } from './read-bundle.ts';
import { isBundlePath } from './safe-path.ts';
import { readTarGzip } from './tar.ts';

/** Bounds against bombs. */
const MAX_FILES = 100_000;
const MAX_BYTES = 8 * 2 ** 30;
/** What tar adds to a file at most: its header, a long name, padding. */
const TAR_OVERHEAD = 8192;

/**
 * Writes a bundle's files under `dir`, which must be new and empty. Nothing is written but what the bundle's own list of files names, where it
 * names it, and every byte is checked against the list.
 * @throws BUNDLE_NOT_FOUND; BUNDLE_INVALID for a bundle that is not whole, names a file outside, or holds a link, a device or more than the bounds
 */
export async function extractBundle(provider: BundleProvider, repository: string, digest: Digest, dir: string): Promise<BundleManifest> {
  const { manifest, layers } = await openBundle(provider, repository, digest);
  const invalid = (what: string, cause?: unknown) =>
    new ModelOpsError('BUNDLE_INVALID', `${repository}@${digest}: ${what}`, { cause, hint: 'push the bundle again' });
  const total = checkedSize(manifest, invalid);
  if (layers.length > manifest.files.length + 1)
    throw invalid(`it has ${count(layers.length, 'layer')} for ${count(manifest.files.length, 'file')}`);
  const missing = new Map(manifest.files.map((file) => [file.path, file]));

  const place = async (path: string, bytes: Uint8Array, isExecutable: boolean) => {
    const file = missing.get(path);
    if (file === undefined) throw invalid(`a layer holds ${JSON.stringify(path)}, which is not in its list of files, or is there twice`);
    if (bytes.byteLength !== file.size || digestOf(bytes) !== file.digest) throw invalid(`${path} is not what the list of files says`);
    missing.delete(path);
    try {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), bytes, { mode: isExecutable ? 0o755 : 0o644, flag: 'wx' });
    } catch (error) {
      const isClash = ['EEXIST', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
      throw isClash ? invalid(`${path} is both a file and a folder, or there twice`, error) : error;
    }
  };

  for (const { mediaType, digest: layer, annotations } of layers) {
    const bytes = await provider.fetchBlob(repository, layer);
    if (bytes === undefined) throw invalid(`layer ${layer} is not in the registry`);
    if (mediaType === MEDIA.file) await place(annotations?.[TITLE] ?? '', bytes, annotations?.[MODE] === '755');
    else if (mediaType !== MEDIA.code) throw invalid(`layer ${layer} is of type ${mediaType}, which is not known here`);
    else
      for await (const entry of readTarGzip(bytes, total + (manifest.files.length + 2) * TAR_OVERHEAD, (error) =>
        invalid(messageOf(error), error),
      ))
        await place(entry.path, entry.bytes, entry.isExecutable);
  }
  if (missing.size > 0) throw invalid(`its layers lack ${[...missing.keys()][0]}`);
  return manifest;
}

function checkedSize({ files }: BundleManifest, invalid: (what: string) => Error): number {
  if (files.length > MAX_FILES) throw invalid(`${count(files.length, 'file')} are more than ${count(MAX_FILES, 'file')}`);
  const bad = files.find(({ path, size }) => !isBundlePath(path) || size < 0);
  if (bad !== undefined) throw invalid(`it lists ${JSON.stringify(bad.path)}, where a bundle's file cannot be`);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_BYTES) throw invalid(`its ${count(total, 'byte')} are more than ${count(MAX_BYTES, 'byte')}`);
  return total;
}
