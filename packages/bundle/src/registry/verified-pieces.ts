import { createReadStream } from 'node:fs';
import { createDigest } from '@modelops/contracts';
import { changedInPush } from '../artifact/bundle-file.ts';
import type { BlobRef } from './bundle-provider.ts';

/**
 * The bytes of a file, piece by piece; the last piece only if all of them match the digest.
 * @throws CONFLICT for a file with other bytes
 */
export async function* verifiedPieces(file: string, { digest, size }: BlobRef): AsyncGenerator<Uint8Array> {
  const hash = createDigest();
  let read = 0;
  let held: Uint8Array | undefined;
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    read += piece.byteLength;
    if (read > size) throw changedInPush(file);
    hash.update(piece);
    if (held !== undefined) yield held;
    held = piece;
  }
  if (read !== size || hash.digest() !== digest) throw changedInPush(file);
  if (held !== undefined) yield held;
}
