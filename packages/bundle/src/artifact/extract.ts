import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BundleManifest, type Digest, formatCount, isModelOpsError, ModelOpsError, messageOf } from '@modelops/contracts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { verified, writeVerified } from '../registry/verify.ts';
import { type Descriptor, MEDIA, MODE, TITLE } from './layers.ts';
import { type OpenedBundle, openBundle } from './read-bundle.ts';
import { readTarGzip, type TarEntry } from './tar.ts';

/** Maximum bytes that tar adds to a file: its header, a long name, padding. */
const TAR_OVERHEAD = 8192;
/** Files up to this size are written from memory, which is faster. */
const SMALL = 2 ** 20;

type BundleFile = BundleManifest['files'][number];

/**
 * Writes a bundle's files under `dir`, which must be new, empty and in a private folder. Only files in the bundle's list are written, each once and
 * checked against the list. Layers are streamed through hash and tar to the disk, so memory stays small for any content. After an error `dir` may
 * contain a part of the files.
 * @throws BUNDLE_NOT_FOUND; BUNDLE_INVALID for a bundle that is incomplete, names a file outside, or contains a link, a device or more than the limits
 */
export async function extractBundle(provider: BundleProvider, repository: string, digest: Digest, dir: string): Promise<OpenedBundle> {
  const bundle = await openBundle(provider, repository, digest);
  const { manifest, layers } = bundle;
  const invalid = (message: string, cause?: unknown) =>
    new ModelOpsError('BUNDLE_INVALID', `${repository}@${digest}: ${message}`, { cause, hint: 'push the bundle again' });
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  checkLayers(layers, manifest, total, invalid);
  const missing = new Map(manifest.files.map((file) => [file.path, file]));

  const claim = (path: string, size: number): BundleFile => {
    const file = missing.get(path);
    if (file === undefined)
      throw invalid(`a layer contains ${JSON.stringify(path.slice(0, 300))}, which is not in the list of files or is repeated`);
    if (size !== file.size) throw invalid(`${path} has ${formatCount(size, 'byte')} in its layer, ${file.size} in the list of files`);
    missing.delete(path);
    return file;
  };
  const place = async (path: string, write: (to: string) => Promise<void>) => {
    const to = join(dir, path);
    try {
      await mkdir(dirname(to), { recursive: true });
      await write(to);
    } catch (error) {
      throw isNameClash(error) ? invalid(`this file system cannot hold ${path} beside the bundle's other files`, error) : error;
    }
  };

  const downloaded = `${dir}.layer`;
  try {
    for (const layer of layers) {
      const title = layer.annotations?.[TITLE] ?? '';
      const own = layer.mediaType === MEDIA.file ? claim(title, layer.size) : undefined;
      if (own !== undefined && own.digest !== layer.digest)
        throw invalid(`the layer of ${title} has another digest than the list of files`);
      if (!(await provider.downloadBlob(repository, layer, downloaded))) throw invalid(`the registry has no layer ${layer.digest}`);
      if (own !== undefined) {
        await chmod(downloaded, layer.annotations?.[MODE] === '755' ? 0o755 : 0o644);
        await place(own.path, (to) => rename(downloaded, to));
        continue;
      }
      const maxBytes = total + (manifest.files.length + 2) * TAR_OVERHEAD;
      for await (const entry of readTarGzip(downloaded, maxBytes, (reason) => invalid(messageOf(reason), reason))) {
        const file = claim(entry.path, entry.size);
        await place(file.path, (to) => writeEntry(to, entry, file));
      }
      await rm(downloaded);
    }
  } finally {
    await rm(downloaded, { force: true });
  }
  if (missing.size > 0) throw invalid(`its layers lack ${[...missing.keys()][0]}`);
  return bundle;
}

async function writeEntry(to: string, { pieces, isExecutable }: TarEntry, file: BundleFile): Promise<void> {
  const where = `the layer of ${file.path}`;
  const mode = isExecutable ? 0o755 : 0o644;
  if (file.size > SMALL) {
    await writeVerified(to, pieces, file, where);
    return chmod(to, mode);
  }
  const whole: Uint8Array[] = [];
  for await (const piece of pieces) whole.push(piece);
  await writeFile(to, verified(Buffer.concat(whole), file.digest, where), { mode, flag: 'wx' });
}

/** True if two paths of the bundle are equal on this file system (letter case, Unicode forms), or if it refuses a name. */
function isNameClash(error: unknown): boolean {
  const { code = '' } = (isModelOpsError(error) ? (error.cause ?? error) : error) as NodeJS.ErrnoException;
  return ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EILSEQ', 'EINVAL'].includes(code);
}

function checkLayers(
  layers: readonly Descriptor[],
  { files }: BundleManifest,
  total: number,
  invalid: (message: string) => ModelOpsError,
): void {
  if (layers.length > files.length + 1) throw invalid(`${formatCount(layers.length, 'layer')} for ${formatCount(files.length, 'file')}`);
  const unknown = layers.find(({ mediaType }) => mediaType !== MEDIA.file && mediaType !== MEDIA.code);
  if (unknown !== undefined)
    throw invalid(`layer ${unknown.digest} has the unknown type ${JSON.stringify(unknown.mediaType.slice(0, 100))}`);
  const limit = total + (files.length + 2) * TAR_OVERHEAD;
  const large = layers.find(({ size }) => size > limit);
  if (large !== undefined)
    throw invalid(`layer ${large.digest} has ${formatCount(large.size, 'byte')}, its files ${formatCount(total, 'byte')}`);
}
