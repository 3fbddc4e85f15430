import { BLOCK, createBlake2bKernel, IV, LANES, setWords } from './blake2b-kernel.ts';
import { createTextWriter, type Texts } from './texts.ts';

let opened: ReturnType<typeof createBlake2bKernel> | undefined;

/** The kernel with the states of texts of which nothing was taken up. */
function begin(digestLength: number) {
  opened ??= createBlake2bKernel();
  const words = IV.slice();
  // No key, fanout 1, depth 1.
  words[0]! ^= 0x01010000 | digestLength;
  setWords(opened.states, words);
  return opened;
}

/** BLAKE2b (RFC 7693) without a key: a digest of `length` bytes, 1 … 64. */
export function blake2b(bytes: Uint8Array, length: number): Uint8Array {
  const { states, blocks, totals, compress } = begin(length);
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
  const digest = new Uint32Array(16);
  for (let half = 0; half < digest.length; half++) digest[half] = states[(half >>> 1) * 4 + (half & 1)]!;
  return new Uint8Array(digest.buffer, 0, length);
}

/** The low 32 bits, read little-endian, of the digests of 8 bytes of texts of at most 128 characters. */
export function blake2b64Low(texts: Texts): Uint32Array<ArrayBuffer> {
  const { count } = texts;
  const put = createTextWriter(texts);
  const { states, blocks, totals, compress } = begin(8);
  const start = states.slice();
  const digests = new Uint32Array(count);
  for (let first = 0; first < count; first += LANES) {
    const lanes = Math.min(LANES, count - first);
    for (let lane = 0; lane < lanes; lane++) {
      const end = put(blocks, lane * BLOCK, lane, first + lane);
      const length = end - lane * BLOCK;
      if (length > BLOCK) throw new RangeError(`${length} characters do not fit one block`);
      blocks.fill(0, end, (lane + 1) * BLOCK);
      totals[2 * lane] = length;
    }
    states.set(start);
    compress(-1);
    for (let lane = 0; lane < lanes; lane++) digests[first + lane] = states[2 * lane]!;
  }
  return digests;
}
