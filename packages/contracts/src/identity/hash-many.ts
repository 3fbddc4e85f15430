import { hash } from 'node:crypto';
import { hashManyBlake2b } from './blake2b/hash-many-blake2b.ts';
import { DIGITS, type ManyTexts, writeAscii, writeDecimal } from './many-texts.ts';

/** SHA-256, or BLAKE2b with the length of the digest in bytes. */
export type ManyHash = 'sha256' | { readonly blake2b: number };

const SHA256_BYTES = 32;

/** The digests of many texts, concatenated. For the ids of a whole job; a single id needs no batch. */
export function hashMany(rule: ManyHash, texts: ManyTexts): Uint8Array<ArrayBuffer> {
  return rule === 'sha256' ? hashManySha256(texts) : hashManyBlake2b(rule.blake2b, texts);
}

function hashManySha256({ count, prefixOf, restOf = () => '', ending = '' }: ManyTexts): Uint8Array<ArrayBuffer> {
  const digests = new Uint8Array(count * SHA256_BYTES);
  let bytes = Buffer.alloc(0);
  let written: string | undefined;
  let size = 0;
  /** The texts with this prefix in `bytes`, by their length after it. */
  let views: Uint8Array[] = [];
  for (let n = 0; n < count; n++) {
    const prefix = prefixOf(n);
    const rest = restOf(n);
    const needed = (typeof rest === 'number' ? DIGITS : rest.length) + ending.length;
    if (prefix !== written || size + needed > bytes.length) {
      size = Buffer.byteLength(prefix);
      if (size + needed > bytes.length) bytes = Buffer.alloc(2 * (size + needed));
      bytes.write(prefix);
      written = prefix;
      views = [];
    }
    const place = typeof rest === 'number' ? writeDecimal(bytes, size, rest) : writeAscii(bytes, size, rest);
    const end = writeAscii(bytes, place, ending);
    views[end - size] ??= bytes.subarray(0, end);
    const digest = hash('sha256', views[end - size]!, 'binary');
    for (let byte = 0; byte < SHA256_BYTES; byte++) digests[n * SHA256_BYTES + byte] = digest.charCodeAt(byte);
  }
  return digests;
}
