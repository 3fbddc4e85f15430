import { BLOCK, type Blake2bKernel, createBlake2bKernel, IV, LANES, setWords } from './kernel.ts';

const encoder = new TextEncoder();
let opened: Blake2bKernel | undefined;

/** BLAKE2b (RFC 7693, no key) of the UTF-8 of many texts: digests of `length` bytes, 1 … 64, concatenated. */
export function hashManyBlake2b(length: number, count: number, textOf: (n: number) => string): Uint8Array<ArrayBuffer> {
  opened ??= createBlake2bKernel();
  const kernel = opened;
  const digests = new Uint8Array(count * length);
  const view = new DataView(digests.buffer);
  const start = initialStates(kernel, length);
  const texts: string[] = [];
  for (let first = 0; first < count; first += LANES) {
    // All texts of a step are made before the kernel's memory is used, since `textOf` may hash others.
    const lanes = Math.min(LANES, count - first);
    for (let lane = 0; lane < lanes; lane++) texts[lane] = textOf(first + lane);
    kernel.states.set(start);
    if (fillLanes(kernel, texts, lanes)) {
      kernel.compress(-1);
      for (let lane = 0; lane < lanes; lane++) copyDigest(kernel, lane, view, (first + lane) * length, length);
      continue;
    }
    for (let lane = 0; lane < lanes; lane++) {
      kernel.states.set(start);
      compressAll(kernel, encoder.encode(texts[lane]));
      copyDigest(kernel, 0, view, (first + lane) * length, length);
    }
  }
  return digests;
}

/** The initial states: fanout 1, depth 1. */
function initialStates({ states }: Blake2bKernel, length: number): Uint32Array {
  const words = IV.slice();
  words[0]! ^= 0x01010000 | length;
  setWords(states, words);
  return states.slice();
}

/** Writes ASCII texts of at most one block each into the lanes. False when a text is longer or not ASCII. */
function fillLanes({ blocks, totals }: Blake2bKernel, texts: readonly string[], lanes: number): boolean {
  for (let lane = 0; lane < lanes; lane++) {
    const text = texts[lane]!;
    if (text.length > BLOCK) return false;
    const at = lane * BLOCK;
    for (let place = 0; place < text.length; place++) {
      const code = text.charCodeAt(place);
      if (code > 127) return false;
      blocks[at + place] = code;
    }
    blocks.fill(0, at + text.length, at + BLOCK);
    totals[2 * lane] = text.length;
  }
  return true;
}

/** Compresses the blocks of one text in the first lane. */
function compressAll({ blocks, totals, compress }: Blake2bKernel, bytes: Uint8Array): void {
  let at = 0;
  for (; at + BLOCK < bytes.length; at += BLOCK) {
    blocks.set(bytes.subarray(at, at + BLOCK));
    totals[0] = at + BLOCK;
    compress(0);
  }
  blocks.set(bytes.subarray(at));
  blocks.fill(0, bytes.length - at, BLOCK);
  totals[0] = bytes.length;
  compress(-1);
}

function copyDigest({ states }: Blake2bKernel, lane: number, digests: DataView, at: number, length: number): void {
  const wordOf = (half: number) => states[(half >>> 1) * 2 * LANES + lane * 2 + (half & 1)]!;
  const whole = length - (length % 4);
  for (let byte = 0; byte < whole; byte += 4) digests.setUint32(at + byte, wordOf(byte >>> 2), true);
  for (let byte = whole; byte < length; byte++) digests.setUint8(at + byte, wordOf(byte >>> 2) >>> (8 * (byte & 3)));
}
