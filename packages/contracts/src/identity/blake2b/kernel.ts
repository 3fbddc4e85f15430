import { type Code, get, instantiate, load, repeat, set, shuffle, simd, store, tee, unsigned } from './wasm-module.ts';

/**
 * BLAKE2b's compression (RFC 7693 §3.2) of a block of two texts at once as WebAssembly, assembled here: a word of each text is half of a vector.
 * JavaScript lacks its 64-bit words: a job of 1,000,000 tasks needs 1,000,000 digests, 0.7 s of CPU time, where a general library takes 11 s
 * (docs/adr/0005-blake2b-kernel.md).
 */
export interface Blake2bKernel {
  /** Eight 64-bit words of each of two texts, as 32-bit halves, low half first: word w of text n is at 4·w + 2·n. */
  readonly states: Uint32Array;
  /** The blocks, one text after another. */
  readonly blocks: Uint8Array;
  /** For each text the number of bytes processed, including this block: 32 bits at 2·n. */
  readonly totals: Uint32Array;
  /** Mixes the blocks into the states. `isLast` is −1 for the last blocks of the texts, otherwise 0. */
  compress(isLast: 0 | -1): void;
}

/** Number of texts compressed at once. */
export const LANES = 2;
/** Bytes of a block. */
export const BLOCK = 128;

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

/** The order in which each of ten rounds uses the message words; rounds 10 and 11 repeat 0 and 1. */
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
/** The columns, then the diagonals, of the 4 × 4 matrix of words. */
const ORDER = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/** Addresses in the kernel's memory. */
const STATES = 0;
const BLOCKS = 128;
const TOTALS = BLOCKS + LANES * BLOCK;
const VECTORS = TOTALS + 16;
/** The words of the message as vectors, and for each round their addresses in the order in which it uses them. */
const MESSAGE = VECTORS + 16 * 8;
const PLACES = MESSAGE + 16 * 16;
/** Bytes of the addresses of one round. */
const ROUND = 4 * 16;

// Instructions on vectors of two words.
const [OR, XOR, ADD] = [simd(0x50), simd(0x51), simd(0xce)] as const;
const shiftRight = (bits: number) => [0x41, unsigned(bits), simd(0xcd)];

// Locals: the argument, the address of a round's places, then as vectors the sixteen working words and a temporary one.
const [IS_LAST, OF_ROUND] = [0, 1];
const word = (n: number) => 2 + n;
const TEMPORARY = 18;

/** Rotates each half of the vector on the stack: by whole bytes, or by 63 bits. */
function rotateRight(bits: number): Code {
  const keep = tee(TEMPORARY);
  if (bits === 63) return [keep, get(TEMPORARY), ADD, get(TEMPORARY), shiftRight(63), OR];
  const bytes = Array.from({ length: 16 }, (_, at) => (at & 8) + ((at + bits / 8) & 7));
  return [keep, get(TEMPORARY), shuffle(bytes)];
}

/** The mixing function G (RFC 7693 §3.1), number `n` of a round. */
function mix([a, b, c, d]: (typeof ORDER)[number], n: number): Code {
  const half = (input: number, rotationD: number, rotationB: number) => [
    [get(word(a)), get(word(b)), ADD, load(0, loadAddress(input)), ADD, tee(word(a))],
    [get(word(d)), XOR, rotateRight(rotationD), tee(word(d))],
    [get(word(c)), ADD, tee(word(c)), get(word(b)), XOR, rotateRight(rotationB), set(word(b))],
  ];
  return [half(2 * n, 32, 24), half(2 * n + 1, 16, 63)];
}

const loadAddress = (n: number) => [get(OF_ROUND), 0x28, 2, unsigned(PLACES + 4 * n)];

/** Stores words `n` and `n + 1` of the messages as vectors: word n of both texts, then word n + 1 of both. */
function interleave(n: number): Code {
  const both = [0, 1].map((lane) => load(BLOCKS + lane * BLOCK + 8 * n));
  const half = (of: number, at: number) => Array.from({ length: 8 }, (_, byte) => of * 16 + at * 8 + byte);
  return [0, 1].map((at) => store(MESSAGE + 16 * (n + at), [both, shuffle([half(0, at), half(1, at)])]));
}

function compressBody(): Code {
  const words = Array.from({ length: 16 }, (_, n) => n);
  const start = words.map((n) => [load(n < 8 ? STATES + 16 * n : VECTORS + 16 * (n - 8)), set(word(n))]);
  const counters = [
    [get(word(12)), load(TOTALS), XOR, set(word(12))],
    [get(word(14)), get(IS_LAST), simd(0x11), XOR, set(word(14))], // −1 as all ones
  ];
  const blocks = words.filter((n) => n % 2 === 0).map(interleave);
  const rounds = repeat(OF_ROUND, ROUND, 12 * ROUND, ORDER.map(mix));
  const end = words.slice(0, 8).map((n) => store(STATES + 16 * n, [load(STATES + 16 * n), get(word(n)), XOR, get(word(n + 8)), XOR]));
  const locals = [2, 1, 0x7f, 17, 0x7b]; // two groups: a number, and 17 vectors
  return [locals, start, counters, blocks, rounds, end, 0x0b];
}

export function createBlake2bKernel(): Blake2bKernel {
  const { memory, compress } = instantiate<Blake2bKernel['compress']>(1, compressBody());
  setWords(new Uint32Array(memory.buffer, VECTORS, 4 * 8), IV);
  const places = Array.from({ length: 12 }, (_, round) => SIGMA[round % 10]!.map((n) => MESSAGE + 16 * n));
  new Uint32Array(memory.buffer, PLACES, 12 * 16).set(places.flat());
  return {
    states: new Uint32Array(memory.buffer, STATES, 4 * 8),
    blocks: new Uint8Array(memory.buffer, BLOCKS, LANES * BLOCK),
    totals: new Uint32Array(memory.buffer, TOTALS, 2 * LANES),
    compress,
  };
}

/** Sets the same eight 64-bit words for every text. */
export function setWords(states: Uint32Array, words: Uint32Array): void {
  for (let at = 0; at < states.length; at++) states[at] = words[(at >>> 2) * 2 + (at & 1)]!;
}
