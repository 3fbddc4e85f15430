import { createReadStream } from 'node:fs';
import { createDigest, ModelOpsError } from '@modelops/contracts';
import type { BlobRef } from './bundle-provider.ts';

/**
 * The bytes of a file, piece by piece; the last piece only if all of them match the digest.
 * @throws CONFLICT for a file with other bytes
 */
export async function* verifiedPieces(file: string, { digest, size }: BlobRef): AsyncGenerator<Uint8Array> {
  const changed = () =>
    new ModelOpsError('CONFLICT', `${file} changed during the push`, { hint: 'try again when no process writes to it' });
  const hash = createDigest();
  let read = 0;
  let held: Uint8Array | undefined;
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    read += piece.byteLength;
    if (read > size) throw changed();
    hash.update(piece);
    if (held !== undefined) yield held;
    held = piece;
  }
  if (read !== size || hash.digest() !== digest) throw changed();
  if (held !== undefined) yield held;
}
