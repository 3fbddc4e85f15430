import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type BundleManifest, type Digest, digestOf, ModelOpsError } from '@modelops/contracts';
import { extract } from 'tar-stream';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { MEDIA, TITLE } from './layers.ts';
import { readManifest, readOciManifest } from './push-bundle.ts';

/** Bounds against bombs. */
const MAX_FILES = 100_000;
const MAX_BYTES = 8 * 2 ** 30;

/** Writes a bundle's files under `dir`, which must be empty, every byte checked against the manifest. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID */
export async function extractBundle(provider: BundleProvider, repository: string, digest: Digest, dir: string): Promise<BundleManifest> {
  const manifest = await readManifest(provider, repository, digest);
  const { layers } = await readOciManifest(provider, repository, digest);
  const invalid = (what: string) =>
    new ModelOpsError('BUNDLE_INVALID', `${repository}@${digest}: ${what}`, { hint: 'push the bundle again' });
  if (manifest.files.length > MAX_FILES) throw invalid(`${manifest.files.length} files are more than ${MAX_FILES}`);
  if (manifest.files.reduce((sum, { size }) => sum + size, 0) > MAX_BYTES) throw invalid(`it is larger than ${MAX_BYTES} bytes`);
  const expected = new Map(manifest.files.map((file) => [file.path, file]));

  const place = async (path: string, bytes: Uint8Array, isExecutable: boolean) => {
    const file = expected.get(path);
    if (file === undefined || !isInside(path)) throw invalid(`a layer holds ${JSON.stringify(path)}, which its list of files does not`);
    if (digestOf(bytes) !== file.digest) throw invalid(`${path} is not what the list of files says`);
    expected.delete(path);
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes, { mode: isExecutable ? 0o755 : 0o644, flag: 'wx' });
  };
  for (const { mediaType, digest: layer, annotations } of layers) {
    const bytes = await provider.fetchBlob(repository, layer);
    if (bytes === undefined) throw invalid(`layer ${layer} is not in the registry`);
    if (mediaType === MEDIA.code)
      for await (const entry of readTar(gunzipSync(bytes, { maxOutputLength: MAX_BYTES / 8 }), invalid))
        await place(entry.path, entry.bytes, entry.isExecutable);
    else await place(annotations?.[TITLE] ?? '', bytes, annotations?.['org.modelops.mode'] === '755');
  }
  if (expected.size > 0) throw invalid(`its layers lack ${[...expected.keys()][0]}`);
  return manifest;
}

/** Relative, without `..`, empty parts, NUL or back-slashes. */
export function isInside(path: string): boolean {
  return (
    path !== '' &&
    !path.startsWith('/') &&
    !/[\\\0]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

async function* readTar(
  tar: Uint8Array,
  invalid: (what: string) => Error,
): AsyncIterable<{ path: string; bytes: Buffer; isExecutable: boolean }> {
  const reader = extract();
  reader.end(Buffer.from(tar.buffer as ArrayBuffer, tar.byteOffset, tar.byteLength));
  for await (const entry of reader) {
    const { name, type, mode } = entry.header;
    if (type !== 'file') throw invalid(`a layer holds a ${type}, ${JSON.stringify(name)}; bundles hold files only`);
    const pieces: Buffer[] = [];
    for await (const piece of entry) pieces.push(piece as Buffer);
    yield { path: name, bytes: Buffer.concat(pieces), isExecutable: ((mode ?? 0) & 0o100) !== 0 };
  }
}
