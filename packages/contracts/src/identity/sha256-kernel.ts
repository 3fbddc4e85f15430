import { type Code, get, instantiate, load, repeat, set, shuffle, signed, simd, store, tee } from './wasm-module.ts';

/**
 * SHA-256's compression (FIPS 180-4 §6.2.2) of a block of four texts at once as WebAssembly, assembled here: a word of each text is a quarter of
 * a vector. Of many digests each costs 0.15 µs, where Node's own hash costs 1 µs, most of it for the call.
 */
export interface Sha256Kernel {
  /** Eight words of four texts each: word w of text n at 4·w + n. */
  readonly states: Uint32Array;
  /** {@link LANES} times {@link ROOM} bytes, one text after another. */
  readonly texts: Uint8Array;
  /** Mixes the block that begins at byte `start` of each text, a multiple of 64, into the state of that text. */
  compress(start: number): void;
}

/** The texts at once. */
export const LANES = 4;
/** What each has room for: four blocks. */
export const ROOM = 256;

/** The first 32 bits of the fractional parts of roots of the first primes: the square roots of 8, the cube roots of 64. */
export const IV = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
const ROUND = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

/** Where things are in the kernel's memory. */
const STATES = 0;
const TEXTS = 128;
const ROUNDS = TEXTS + LANES * ROOM;
/** Bytes of the constants of all rounds, a vector each. */
const ALL_ROUNDS = 64 * 16;

// Instructions on vectors of four words that the kernel is made of.
const [OR, XOR, SELECT, ADD] = [simd(0x50), simd(0x51), simd(0x52), simd(0xae)] as const;
const constant = (value: number) => [0x41, signed(value)];
const shiftLeft = (bits: number) => [constant(bits), simd(0xab)];
const shiftRight = (bits: number) => [constant(bits), simd(0xad)];
const rotateRight = (local: number, bits: number) => [get(local), shiftRight(bits), get(local), shiftLeft(32 - bits), OR];

// Locals: the argument, where the constants of sixteen rounds begin, then as vectors the eight working words, the sixteen of the message, and
// three between.
const [START, SIXTEEN] = [0, 1];
const working = (n: number) => 2 + n;
const message = (n: number) => 10 + (n % 16);
const between = (n: number) => 26 + n;

/** Turned by each of the first two numbers of bits, and turned or shifted by the third. */
function sigma(local: number, [first, second, third]: readonly [number, number, number], isShifted: boolean): Code {
  const last = isShifted ? [get(local), shiftRight(third)] : rotateRight(local, third);
  return [rotateRight(local, first), rotateRight(local, second), XOR, last, XOR];
}

function round(n: number): Code {
  const word = (letter: number) => working((letter + 16 - n) % 8); // the words change their names, not their places
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(word) as [number, number, number, number, number, number, number, number];
  const choice = [get(f), get(g), get(e), SELECT];
  const majority = [get(c), get(b), get(a), get(b), XOR, SELECT];
  return [
    [get(message(n)), load(ROUNDS + 16 * n, get(SIXTEEN)), ADD, get(h), ADD, choice, ADD, sigma(e, [6, 11, 25], false), ADD],
    [tee(between(0)), get(d), ADD, set(d)],
    [get(between(0)), majority, ADD, sigma(a, [2, 13, 22], false), ADD, set(h)],
  ];
}

function schedule(n: number): Code {
  return [
    [get(message(n)), sigma(message(n + 1), [7, 18, 3], true), ADD, get(message(n + 9)), ADD],
    [sigma(message(n + 14), [17, 19, 10], true), ADD, set(message(n))],
  ];
}

/** Four words from on word `n` of each text, turned about: bytes highest first, and beside each other the words of one number. */
function taken(n: number): Code {
  const text = (lane: number) => load(TEXTS + lane * ROOM + 4 * n, get(START));
  const word = (of: number, at: number) => [3, 2, 1, 0].map((byte) => of * 16 + at * 4 + byte);
  // Two words of two texts, and from two such pairs a word of all four.
  const pair = (lane: number, at: number) => [text(lane), text(lane + 1), shuffle([0, 1].map((k) => [word(0, at + k), word(1, at + k)]))];
  const half = (of: number, at: number) => Array.from({ length: 8 }, (_, byte) => of * 16 + at * 8 + byte);
  return [0, 2].map((at) => [
    [pair(0, at), set(between(1)), pair(2, at), set(between(2))],
    [0, 1].map((k) => [get(between(1)), get(between(2)), shuffle([half(0, k), half(1, k)]), set(message(n + at + k))]),
  ]);
}

function compressBody(): Code {
  const words = [0, 1, 2, 3, 4, 5, 6, 7];
  const begin = words.map((n) => [load(STATES + 16 * n), set(working(n))]);
  const blocks = [0, 4, 8, 12].map(taken);
  const sixteen = Array.from({ length: 16 }, (_, n) => n);
  const later = repeat(
    SIXTEEN,
    ALL_ROUNDS / 4,
    ALL_ROUNDS,
    sixteen.map((n) => [schedule(n), round(n)]),
  );
  const rounds = [sixteen.map(round), constant(ALL_ROUNDS / 4), set(SIXTEEN), later];
  const end = words.map((n) => store(STATES + 16 * n, [load(STATES + 16 * n), get(working(n)), ADD]));
  const locals = [2, 1, 0x7f, 27, 0x7b]; // two groups: a number, and 27 vectors
  return [locals, begin, blocks, rounds, end, 0x0b];
}

export function createSha256Kernel(): Sha256Kernel {
  const { memory, compress } = instantiate<Sha256Kernel['compress']>(1, compressBody());
  new Int32Array(memory.buffer, ROUNDS, 64 * LANES).set(Int32Array.from({ length: 64 * LANES }, (_, at) => ROUND[Math.floor(at / LANES)]!));
  return { states: new Uint32Array(memory.buffer, STATES, 8 * LANES), texts: new Uint8Array(memory.buffer, TEXTS, LANES * ROOM), compress };
}
