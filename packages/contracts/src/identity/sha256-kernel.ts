import { get, instantiate, set, signed, tee, unsigned } from './wasm-module.ts';

/**
 * SHA-256's compression of one block (FIPS 180-4 §6.2.2) as WebAssembly, assembled here. Texts that begin alike are taken up once as far as they
 * do, and no string is made of a digest: of 1,000,000 task ids each costs 0.3 µs, where Node's own hash costs 1 µs, most of it for the call.
 */
export interface Sha256Kernel {
  readonly state: Uint32Array;
  readonly block: Uint8Array;
  /** Mixes the block into the state. */
  compress(): void;
}

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
const STATE = 0;
const BLOCK = 64;

// Instructions of WebAssembly 1.0 that the kernel is made of.
const ADD = 0x6a;
const AND = 0x71;
const OR = 0x72;
const XOR = 0x73;
const constant = (value: number) => [0x41, ...signed(value)];
const load = (address: number) => [0x41, 0, 0x28, 2, ...unsigned(address)];
const rotateLeft = (bits: number) => [...constant(bits), 0x77];
const rotateRight = (bits: number) => [...constant(bits), 0x78];
const shiftRight = (bits: number) => [...constant(bits), 0x76];

// Locals: the eight working words, the sixteen of the message, and one between.
const message = (n: number) => 8 + (n % 16);
const BETWEEN = 24;

/** Turned by each of the first two numbers of bits, and turned or shifted by the third. */
function sigma(local: number, [first, second, third]: readonly [number, number, number], isShifted: boolean): number[] {
  const last = isShifted ? shiftRight(third) : rotateRight(third);
  return [...get(local), ...rotateRight(first), ...get(local), ...rotateRight(second), XOR, ...get(local), ...last, XOR];
}

function round(n: number): number[] {
  const word = (letter: number) => (letter + 64 - n) % 8; // the words change their names, not their places
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(word) as [number, number, number, number, number, number, number, number];
  const choice = [...get(g), ...get(e), ...get(f), ...get(g), XOR, AND, XOR];
  const majority = [...get(a), ...get(b), AND, ...get(c), ...get(a), ...get(b), OR, AND, OR];
  return [
    ...[...get(h), ...sigma(e, [6, 11, 25], false), ADD, ...choice, ADD, ...constant(ROUND[n]!), ADD, ...get(message(n)), ADD],
    ...[...tee(BETWEEN), ...get(d), ADD, ...set(d)],
    ...[...get(BETWEEN), ...sigma(a, [2, 13, 22], false), ADD, ...majority, ADD, ...set(h)],
  ];
}

function schedule(n: number): number[] {
  return [
    ...[...get(message(n)), ...sigma(message(n + 1), [7, 18, 3], true), ADD, ...get(message(n + 9)), ADD],
    ...[...sigma(message(n + 14), [17, 19, 10], true), ADD, ...set(message(n))],
  ];
}

/** A word of four bytes, the highest first, which the machine has loaded lowest first. */
function turned(address: number): number[] {
  const half = (bits: number, mask: number) => [...rotateLeft(bits), ...constant(mask), AND];
  return [...load(address), ...tee(BETWEEN), ...half(8, 0x00ff00ff), ...get(BETWEEN), ...half(24, 0xff00ff00 | 0), OR];
}

function compressBody(): number[] {
  const words = [0, 1, 2, 3, 4, 5, 6, 7];
  const start = words.flatMap((n) => [...load(STATE + 4 * n), ...set(n)]);
  const taken = Array.from({ length: 16 }, (_, n) => [...turned(BLOCK + 4 * n), ...set(message(n))]).flat();
  const rounds = Array.from({ length: 64 }, (_, n) => [...(n < 16 ? [] : schedule(n)), ...round(n)]).flat();
  const end = words.flatMap((n) => [0x41, 0, ...load(STATE + 4 * n), ...get(n), ADD, 0x36, 2, ...unsigned(STATE + 4 * n)]);
  const locals = [1, 25, 0x7f]; // one group: 25 words of 32 bits
  return [...locals, ...start, ...taken, ...rounds, ...end, 0x0b];
}

export function createSha256Kernel(): Sha256Kernel {
  const { memory, compress } = instantiate<Sha256Kernel['compress']>(0, compressBody());
  return { state: new Uint32Array(memory.buffer, STATE, 8), block: new Uint8Array(memory.buffer, BLOCK, 64), compress };
}
