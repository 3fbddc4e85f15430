import { hash } from 'node:crypto';
import { hashManyBlake2b } from './blake2b/hash-many-blake2b.ts';

/** SHA-256, or BLAKE2b with the length of the digest in bytes. */
export type ManyHash = 'sha256' | { readonly blake2b: number };

const SHA256_BYTES = 32;

/**
 * The digests of `count` texts, concatenated. For the ids of a whole job; a single id needs no batch.
 * `textOf` is called once for each number, in order.
 */
export function hashMany(rule: ManyHash, count: number, textOf: (n: number) => string): Uint8Array<ArrayBuffer> {
  if (rule !== 'sha256') return hashManyBlake2b(rule.blake2b, count, textOf);
  const digests = Buffer.from(new ArrayBuffer(count * SHA256_BYTES));
  for (let n = 0; n < count; n++) digests.write(hash('sha256', textOf(n), 'binary'), n * SHA256_BYTES, 'latin1');
  return digests;
}
