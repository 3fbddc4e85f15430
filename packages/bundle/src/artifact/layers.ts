import { type Digest, digestOf } from '@modelops/contracts';
import { gzipSync } from 'fflate';
import { pack } from 'tar-stream';
import type { BundleFile } from './snapshot.ts';

/** A blob as OCI describes it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export const MEDIA = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  artifact: 'application/vnd.modelops.bundle.v1',
  config: 'application/vnd.modelops.bundle.config.v1+json',
  code: 'application/vnd.oci.image.layer.v1.tar+gzip',
  file: 'application/vnd.modelops.bundle.file.v1',
} as const;

/** The path of a layer that is one file. */
export const TITLE = 'org.opencontainers.image.title';
/** Files above this are layers of their own, so that a change of code does not send them again. */
const LARGE = 2 ** 20;

export function blobOf(mediaType: string, bytes: Uint8Array, annotations?: Descriptor['annotations']): Blob {
  return {
    bytes,
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength, ...(annotations === undefined ? {} : { annotations }) },
  };
}

/** One layer of the small files and one for each large file. The same files give the same bytes everywhere: the compressor is JavaScript, times and owners are zero. */
export async function layersOf(files: readonly BundleFile[]): Promise<Blob[]> {
  const small = files.filter(({ bytes }) => bytes.byteLength <= LARGE);
  const large = files.filter(({ bytes }) => bytes.byteLength > LARGE);
  const code = blobOf(MEDIA.code, gzipSync(await tarOf(small), { mtime: 0, level: 6 }));
  return [
    code,
    ...large.map(({ path, bytes, isExecutable }) =>
      blobOf(MEDIA.file, bytes, { [TITLE]: path, ...(isExecutable ? { 'org.modelops.mode': '755' } : {}) }),
    ),
  ];
}

async function tarOf(files: readonly BundleFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { path, bytes, isExecutable } of files) {
    tar.entry(
      { name: path, mode: isExecutable ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '', type: 'file' },
      Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength),
    );
  }
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
