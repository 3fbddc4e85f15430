import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createDigest, type Digest, digestOf, formatCount, ModelOpsError, messageOf } from '@modelops/contracts';
import { changedInPush } from '../artifact/bundle-file.ts';
import type { BlobRef } from './bundle-provider.ts';

/** The bytes, if their digest is `digest`. @throws BUNDLE_INVALID naming their source */
export function verified(bytes: Uint8Array, digest: Digest, where: string): Uint8Array {
  const actual = digestOf(bytes);
  if (actual !== digest) throw mismatch(where, `${actual} for ${digest}`);
  return bytes;
}

/** As {@link verified}, for a blob of known size. */
export function verifiedBlob(bytes: Uint8Array, { digest, size }: BlobRef, where: string): Uint8Array {
  if (bytes.byteLength !== size) throw mismatch(where, `${bytes.byteLength} bytes for the ${size} of ${digest}`);
  return verified(bytes, digest, where);
}

/** A file that is to be pushed, piece by piece; the last piece only if all of them match the digest. @throws CONFLICT for a file with other bytes */
export function verifiedFile(file: string, blob: BlobRef): AsyncGenerator<Uint8Array> {
  return verifiedPieces(createReadStream(file, { highWaterMark: 2 ** 20 }), blob, () => changedInPush(file));
}

/**
 * Writes a blob to a new file, piece by piece, so that memory stays small. After an error there is no file.
 * @throws BUNDLE_INVALID for bytes that differ from the digest or exceed its size; FILE_INVALID if the file cannot be written
 */
export async function writeVerified(file: string, pieces: AsyncIterable<Uint8Array>, blob: BlobRef, where: string): Promise<void> {
  const unwritable = (cause: unknown) => {
    throw new ModelOpsError('FILE_INVALID', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  };
  const handle = await open(file, 'wx', 0o644).catch(unwritable);
  try {
    for await (const piece of verifiedPieces(pieces, blob, (what) => mismatch(where, what)))
      await handle.writeFile(piece).catch(unwritable);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function* verifiedPieces(pieces: AsyncIterable<Uint8Array>, { digest, size }: BlobRef, refuse: (what: string) => ModelOpsError) {
  const hash = createDigest();
  let read = 0;
  let held: Uint8Array | undefined;
  for await (const piece of pieces) {
    read += piece.byteLength;
    if (read > size) throw refuse(`more than the ${formatCount(size)} bytes of ${digest}`);
    hash.update(piece);
    if (held !== undefined) yield held;
    held = piece;
  }
  if (read !== size) throw refuse(`${read} bytes for the ${size} of ${digest}`);
  const actual = hash.digest();
  if (actual !== digest) throw refuse(`${actual} for ${digest}`);
  if (held !== undefined) yield held;
}

function mismatch(where: string, what: string): ModelOpsError {
  return new ModelOpsError('BUNDLE_INVALID', `${where} sent ${what}`, {
    hint: 'the registry or the connection changed the bytes; push the bundle again',
  });
}
