import { type Digest, digestOf, ModelOpsError } from '@modelops/contracts';

/** The bytes, if they are what the digest says. @throws BUNDLE_INVALID naming where they came from */
export function verified(bytes: Uint8Array, digest: Digest, where: string): Uint8Array {
  const actual = digestOf(bytes);
  if (actual !== digest)
    throw new ModelOpsError('BUNDLE_INVALID', `${where} gave ${actual} for ${digest}`, {
      hint: 'the registry, or the way to it, changed the bytes; push the bundle again',
    });
  return bytes;
}
