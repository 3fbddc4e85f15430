import { type Digest, digestOf, ModelOpsError } from '@modelops/contracts';
import type { BlobRef } from './bundle-provider.ts';

/** The bytes, if their digest is `digest`. @throws BUNDLE_INVALID naming their source */
export function verified(bytes: Uint8Array, digest: Digest, where: string): Uint8Array {
  const actual = digestOf(bytes);
  if (actual !== digest) throw mismatch(`${where} sent ${actual} for ${digest}`);
  return bytes;
}

/** As {@link verified}, for a blob of known size. */
export function verifiedBlob(bytes: Uint8Array, { digest, size }: BlobRef, where: string): Uint8Array {
  if (bytes.byteLength !== size) throw mismatch(`${where} sent ${bytes.byteLength} bytes for the ${size} of ${digest}`);
  return verified(bytes, digest, where);
}

/** Bytes that are not those of a digest. */
export function mismatch(message: string): ModelOpsError {
  return new ModelOpsError('BUNDLE_INVALID', message, {
    hint: 'the registry or the connection changed the bytes; push the bundle again',
  });
}
