/**
 * BLAKE2b (RFC 7693) of one block with an 8-byte digest, read little-endian mod 2^32: the replicate seed's hash and nothing else.
 * A job of 1,000,000 tasks needs 1,000,000 of them; a general implementation takes about eight seconds for that,
 * this one is held against it by a property test.
 */

const IV = Int32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);

const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** Word offsets into the message, 16 a round for 12 rounds; rounds 10 and 11 repeat 0 and 1. */
const ORDER = Uint8Array.from(Array.from({ length: 12 }, (_, round) => SIGMA[round % 10]!).flat(), (word) => word * 2);

const BLOCK = 128;
const v = new Int32Array(32);
const block = new Uint8Array(BLOCK);
const message = new Int32Array(block.buffer);
/** Digest of 8 bytes, no key, fanout 1, depth 1. */
const PARAMETERS = 0x01010008;

/** The low 32 bits of the digest of ASCII text of at most 128 characters. The host is little-endian, as every platform of Node is. */
export function blake2b64Low(text: string): number {
  const length = text.length;
  if (length > BLOCK) throw new RangeError(`${length} characters do not fit one block`);
  for (let i = 0; i < length; i++) block[i] = text.charCodeAt(i);
  block.fill(0, length);
  v.set(IV);
  v.set(IV, 16);
  v[0]! ^= PARAMETERS;
  v[24]! ^= length;
  v[28] = ~v[28]!;
  v[29] = ~v[29]!;
  for (let at = 0; at < 192; at += 16) {
    mix(0, 8, 16, 24, ORDER[at]!, ORDER[at + 1]!);
    mix(2, 10, 18, 26, ORDER[at + 2]!, ORDER[at + 3]!);
    mix(4, 12, 20, 28, ORDER[at + 4]!, ORDER[at + 5]!);
    mix(6, 14, 22, 30, ORDER[at + 6]!, ORDER[at + 7]!);
    mix(0, 10, 20, 30, ORDER[at + 8]!, ORDER[at + 9]!);
    mix(2, 12, 22, 24, ORDER[at + 10]!, ORDER[at + 11]!);
    mix(4, 14, 16, 26, ORDER[at + 12]!, ORDER[at + 13]!);
    mix(6, 8, 18, 28, ORDER[at + 14]!, ORDER[at + 15]!);
  }
  return (IV[0]! ^ PARAMETERS ^ v[0]! ^ v[16]!) >>> 0;
}

/** The mixing function G of RFC 7693 §3.1 on 64-bit words held as pairs: low at the index, high after it. */
function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  let al = v[a]!;
  let ah = v[a + 1]!;
  let bl = v[b]!;
  let bh = v[b + 1]!;
  let cl = v[c]!;
  let ch = v[c + 1]!;
  let dl = v[d]!;
  let dh = v[d + 1]!;

  let low = (al >>> 0) + (bl >>> 0) + (message[x]! >>> 0);
  ah = (ah + bh + message[x + 1]! + ((low / 4294967296) | 0)) | 0;
  al = low | 0;
  let xl = dl ^ al;
  let xh = dh ^ ah;
  dl = xh; // rotated right by 32
  dh = xl;
  low = (cl >>> 0) + (dl >>> 0);
  ch = (ch + dh + (low > 4294967295 ? 1 : 0)) | 0;
  cl = low | 0;
  xl = bl ^ cl;
  xh = bh ^ ch;
  bl = (xl >>> 24) | (xh << 8);
  bh = (xh >>> 24) | (xl << 8);

  low = (al >>> 0) + (bl >>> 0) + (message[y]! >>> 0);
  ah = (ah + bh + message[y + 1]! + ((low / 4294967296) | 0)) | 0;
  al = low | 0;
  xl = dl ^ al;
  xh = dh ^ ah;
  dl = (xl >>> 16) | (xh << 16);
  dh = (xh >>> 16) | (xl << 16);
  low = (cl >>> 0) + (dl >>> 0);
  ch = (ch + dh + (low > 4294967295 ? 1 : 0)) | 0;
  cl = low | 0;
  xl = bl ^ cl;
  xh = bh ^ ch;
  bl = (xh >>> 31) | (xl << 1);
  bh = (xl >>> 31) | (xh << 1);

  v[a] = al;
  v[a + 1] = ah;
  v[b] = bl;
  v[b + 1] = bh;
  v[c] = cl;
  v[c + 1] = ch;
  v[d] = dl;
  v[d + 1] = dh;
}
