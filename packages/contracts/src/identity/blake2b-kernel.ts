import { get, instantiate, set, tee, unsigned } from './wasm-module.ts';

/**
 * BLAKE2b's compression of one block (RFC 7693 §3.2) as WebAssembly, assembled here: its 64-bit words are what JavaScript lacks. A job of
 * 1,000,000 tasks needs 1,000,000 of them: 0.4 s, where pairs of 32-bit words take 4 s and a general library 8 s.
 */

export interface Blake2bKernel {
  /** The state: eight words of eight bytes, little-endian. */
  readonly state: Uint8Array;
  readonly block: Uint8Array;
  /** Mixes the block into the state; `total` bytes were taken up with this block, the last one where `isLast` is −1 rather than 0. */
  compress(total: number, isLast: 0 | -1): void;
}

/** The initialisation vector, low word first. */
export const IV = Uint32Array.of(
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

/** Which message words the ten rounds mix in; rounds 10 and 11 repeat 0 and 1. */
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
/** Columns, then diagonals, of the four-by-four words. */
const LANES = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/** Where things are in the kernel's memory. */
const STATE = 0;
const BLOCK = 64;
const VECTOR = 192;

// Instructions of WebAssembly 1.0 that the kernel is made of.
const load = (address: number) => [0x41, 0, 0x29, 3, ...unsigned(address)];
const ADD = 0x7c;
const XOR = 0x85;
const rotateRight = (bits: number) => [0x42, ...unsigned(bits), 0x8a];

// Locals: the two arguments, then the sixteen working words, then the sixteen words of the message.
const [TOTAL, IS_LAST] = [0, 1];
const word = (n: number) => 2 + n;
const message = (n: number) => 18 + n;

/** The mixing function G (RFC 7693 §3.1). */
function mix([a, b, c, d]: (typeof LANES)[number], x: number, y: number): number[] {
  const half = (input: number, turnD: number, turnB: number) => [
    ...[...get(word(a)), ...get(word(b)), ADD, ...get(message(input)), ADD, ...tee(word(a))],
    ...[...get(word(d)), XOR, ...rotateRight(turnD), ...tee(word(d))],
    ...[...get(word(c)), ADD, ...tee(word(c)), ...get(word(b)), XOR, ...rotateRight(turnB), ...set(word(b))],
  ];
  return [...half(x, 32, 24), ...half(y, 16, 63)];
}

function compressBody(): number[] {
  const words = Array.from({ length: 16 }, (_, n) => n);
  const start = words.flatMap((n) => [...load(n < 8 ? STATE + 8 * n : VECTOR + 8 * (n - 8)), ...set(word(n))]);
  const counters = [
    ...[...get(word(12)), ...get(TOTAL), 0xad, XOR, ...set(word(12))], // as an unsigned word
    ...[...get(word(14)), ...get(IS_LAST), 0xac, XOR, ...set(word(14))], // −1 as all ones
  ];
  const taken = words.flatMap((n) => [...load(BLOCK + 8 * n), ...set(message(n))]);
  const rounds = Array.from({ length: 12 }, (_, round) =>
    LANES.flatMap((lane, at) => mix(lane, SIGMA[round % 10]![2 * at]!, SIGMA[round % 10]![2 * at + 1]!)),
  ).flat();
  const end = words
    .slice(0, 8)
    .flatMap((n) => [0x41, 0, ...load(STATE + 8 * n), ...get(word(n)), XOR, ...get(word(n + 8)), XOR, 0x37, 3, ...unsigned(STATE + 8 * n)]);
  const locals = [1, 32, 0x7e]; // one group: 32 words of 64 bits
  return [...locals, ...start, ...counters, ...taken, ...rounds, ...end, 0x0b];
}

export function createBlake2bKernel(): Blake2bKernel {
  const { memory, compress } = instantiate<Blake2bKernel['compress']>(2, compressBody());
  new Uint32Array(memory.buffer, VECTOR, IV.length).set(IV);
  return { state: new Uint8Array(memory.buffer, STATE, 64), block: new Uint8Array(memory.buffer, BLOCK, 128), compress };
}
