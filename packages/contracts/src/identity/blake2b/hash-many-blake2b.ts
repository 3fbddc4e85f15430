import { DIGITS, type ManyTexts, writeAscii, writeDecimal } from '../many-texts.ts';
import { BLOCK, type Blake2bKernel, createBlake2bKernel, IV, LANES, setWords } from './kernel.ts';

const encoder = new TextEncoder();
let opened: Blake2bKernel | undefined;

/** What the kernel's lanes contain: a prefix is written again only where the text before had another. */
const held = Array.from({ length: LANES }, () => ({ prefix: '', end: BLOCK }));

/** BLAKE2b (RFC 7693, no key) of the UTF-8 of many texts: digests of `length` bytes, 1 … 64, concatenated. */
export function hashManyBlake2b(length: number, texts: ManyTexts): Uint8Array<ArrayBuffer> {
  opened ??= createBlake2bKernel();
  const kernel = opened;
  const { count, prefixOf, restOf = () => '', ending = '' } = texts;
  const digests = new Uint8Array(count * length);
  const view = new DataView(digests.buffer);
  const start = initialStates(kernel, length);
  const prefixes: string[] = [];
  const rests: (number | string)[] = [];
  for (let first = 0; first < count; first += LANES) {
    // All texts of a step are requested before the kernel's memory is used, since the callbacks may hash others.
    const lanes = Math.min(LANES, count - first);
    for (let lane = 0; lane < lanes; lane++) {
      prefixes[lane] = prefixOf(first + lane);
      rests[lane] = restOf(first + lane);
    }
    let fits = true;
    for (let lane = 0; lane < lanes; lane++) fits &&= fillLane(kernel, lane, prefixes[lane]!, rests[lane]!, ending);
    kernel.states.set(start);
    if (fits) {
      kernel.compress(-1);
      for (let lane = 0; lane < lanes; lane++) copyDigest(kernel, lane, view, (first + lane) * length, length);
      continue;
    }
    for (let lane = 0; lane < lanes; lane++) {
      kernel.states.set(start);
      compressAll(kernel, encoder.encode(`${prefixes[lane]}${rests[lane]}${ending}`));
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

/** Writes an ASCII text of at most one block into a lane. False for any other text. */
function fillLane({ blocks, totals }: Blake2bKernel, lane: number, prefix: string, rest: number | string, ending: string): boolean {
  const at = lane * BLOCK;
  const last = held[lane]!;
  if (prefix.length + (typeof rest === 'number' ? DIGITS : rest.length) + ending.length > BLOCK) return false;
  if (prefix !== last.prefix && writeAscii(blocks, at, prefix) < 0) return forget(lane);
  const from = at + prefix.length;
  const place = typeof rest === 'number' ? writeDecimal(blocks, from, rest) : writeAscii(blocks, from, rest);
  const end = place < 0 ? -1 : writeAscii(blocks, place, ending);
  if (end < 0) return forget(lane);
  if (end - at < last.end) blocks.fill(0, end, at + last.end);
  last.prefix = prefix;
  last.end = end - at;
  totals[2 * lane] = end - at;
  return true;
}

/** Whatever the lane contains is overwritten by the next text. */
function forget(lane: number): false {
  held[lane]!.prefix = '';
  held[lane]!.end = BLOCK;
  return false;
}

/** Compresses the blocks of one text in the first lane. */
function compressAll({ blocks, totals, compress }: Blake2bKernel, bytes: Uint8Array): void {
  forget(0);
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
