import { blake2b } from '@noble/hashes/blake2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** The low 32 bits of BLAKE2b with an 8-byte digest, read little-endian, of ASCII text. */
export function createBlake2b64(): (text: string) => number {
  return (text) => {
    const digest = blake2b(utf8ToBytes(text), { dkLen: 8 });
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0, true);
  };
}
