import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createDigest, type Digest, digestOf, ModelOpsError } from '@modelops/contracts';

/** A file of a bundle with its digest; its bytes are read when a layer is made. */
export interface BundleFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly digest: Digest;
  readonly isExecutable: boolean;
  /** Its path on the disk; absent for a generated file. */
  readonly absolute?: string;
  /** @throws CONFLICT if the file has changed */
  read(): Uint8Array;
}

const PIECE = 2 ** 20;

/** A file on the disk, with the digest of its current bytes. */
export function diskFile(absolute: string, path: string): BundleFile {
  const found = digestOfFile(absolute);
  return { path, absolute, ...found, read: () => readUnchanged(absolute, { path, digest: found.digest }) };
}

/** The bytes of a file whose digest is known. @throws CONFLICT if it has changed */
export function readUnchanged(absolute: string, { path, digest }: Pick<BundleFile, 'path' | 'digest'>): Uint8Array {
  const bytes = readFileSync(absolute);
  if (digestOf(bytes) !== digest) throw changedInPush(path);
  return bytes;
}

export function changedInPush(path: string): ModelOpsError {
  return new ModelOpsError('CONFLICT', `${path} changed during the push`, { hint: 'try again when no process writes to it' });
}

/** A generated file. */
export function memoryFile(path: string, bytes: Uint8Array): BundleFile {
  return { path, size: bytes.byteLength, digest: digestOf(bytes), isExecutable: false, read: () => bytes };
}

/** A file's current size and digest; a large file is never in memory as a whole. */
export function digestOfFile(absolute: string): Pick<BundleFile, 'size' | 'digest' | 'isExecutable'> {
  const { size, mode } = statSync(absolute);
  const isExecutable = (mode & 0o100) !== 0;
  if (size > PIECE) return { ...digestOfLarge(absolute), isExecutable };
  const bytes = readFileSync(absolute);
  return { size: bytes.byteLength, digest: digestOf(bytes), isExecutable };
}

function digestOfLarge(absolute: string): { size: number; digest: Digest } {
  const sum = createDigest();
  const piece = Buffer.allocUnsafe(PIECE);
  const file = openSync(absolute, 'r');
  let size = 0;
  try {
    for (let n = readSync(file, piece); n > 0; n = readSync(file, piece)) {
      sum.update(piece.subarray(0, n));
      size += n;
    }
  } finally {
    closeSync(file);
  }
  return { size, digest: sum.digest() };
}
