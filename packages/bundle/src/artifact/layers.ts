import { canonicalJson, digestOf, isDigest, sha256Hex } from '@modelops/contracts';
import { WHEELS } from '@modelops/model-host';
import * as z from 'zod';
import type { BundleFile } from './bundle-file.ts';
import type { Memo } from './memo.ts';

/** The OCI descriptor of a blob. */
export const descriptorSchema = z.lazy(() =>
  z.object({
    mediaType: z.string(),
    digest: z.string().refine(isDigest, 'not a sha256 digest'),
    size: z.int().min(0),
    annotations: z.record(z.string(), z.string()).exactOptional(),
  }),
);
export type Descriptor = Readonly<z.output<typeof descriptorSchema>>;

export interface Blob {
  readonly descriptor: Descriptor;
  /** Computed on request: a blob that the registry has is not computed. */
  bytes(): Promise<Uint8Array>;
  /** The file with its bytes, for a blob that need not be in memory. */
  readonly file?: string;
}

export const MEDIA = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  artifact: 'application/vnd.modelops.bundle.v1',
  config: 'application/vnd.modelops.bundle.config.v1+json',
  code: 'application/vnd.oci.image.layer.v1.tar+gzip',
  file: 'application/vnd.modelops.bundle.file.v1',
} as const;

export function blobOfBytes(mediaType: string, bytes: Uint8Array): Blob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes: async () => bytes };
}

/** The path of a layer that is one file, and whether it is executable. */
export const TITLE = 'org.opencontainers.image.title';
export const MODE = 'org.modelops.mode';
/** Larger files are separate layers, so that a change of code does not send them again. */
const LARGE = 2 ** 20;

/** True for large files, and for wheels, which other bundles share. */
function isOwnLayer({ path, size }: BundleFile): boolean {
  return size > LARGE || (path.startsWith(WHEELS) && path.endsWith('.whl'));
}

/** One layer of the small files and one for each large file and wheel, in order of path. */
export async function layersOf(files: readonly BundleFile[], memo: Memo): Promise<Blob[]> {
  const code = await codeLayer(
    files.filter((file) => !isOwnLayer(file)),
    memo,
  );
  const large = files.filter(isOwnLayer).map(fileLayer);
  return [code, ...large];
}

function fileLayer({ path, size, digest, isExecutable, read, absolute }: BundleFile): Blob {
  const annotations = { [TITLE]: path, ...(isExecutable ? { [MODE]: '755' } : {}) };
  return {
    descriptor: { mediaType: MEDIA.file, digest, size, annotations },
    bytes: async () => read(),
    ...(absolute === undefined ? {} : { file: absolute }),
  };
}

/** Its descriptor is cached by the digests of the files, so that an unchanged tree is not compressed again. */
async function codeLayer(files: readonly BundleFile[], memo: Memo): Promise<Blob> {
  const key = sha256Hex(canonicalJson(files.map(({ path, digest, isExecutable }) => [path, digest, isExecutable])));
  let bytes: Uint8Array | undefined;
  const layer = await memo.layer(key, async () => {
    bytes = await compress(files);
    return { digest: digestOf(bytes), size: bytes.byteLength };
  });
  return { descriptor: { mediaType: MEDIA.code, ...layer }, bytes: async () => bytes ?? compress(files) };
}

/** The same files yield the same bytes everywhere: the compressor is JavaScript, since zlib differs between platforms; times and owners are zero. */
async function compress(files: readonly BundleFile[]): Promise<Uint8Array> {
  const [{ gzipSync }, tar] = await Promise.all([import('fflate'), tarOf(files)]);
  return gzipSync(tar, { mtime: 0, level: 6 });
}

async function tarOf(files: readonly BundleFile[]): Promise<Uint8Array> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  for (const { path, isExecutable, read } of files) {
    tar.entry(
      { name: path, mode: isExecutable ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '', type: 'file' },
      bufferOf(read()),
    );
  }
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
