import { createSha256Kernel, IV, LANES, ROOM, type Sha256Kernel } from './sha256-kernel.ts';

const BLOCK = 64;
const WORDS = 8;
/** The longest ending, characters: with what is left of the beginning, and with its padding, it fits the kernel's room. */
export const LONGEST_ENDING = ROOM - (BLOCK - 1) - 9;

let kernel: Sha256Kernel | undefined;

/**
 * SHA-256 of `count` texts that begin alike, as eight words each, the highest first. `put` writes the ending of text `n`, at most
 * {@link LONGEST_ENDING} characters of ASCII, from byte `at` on, and gives the place behind it.
 */
export function sha256OfEndings(
  beginning: string,
  count: number,
  put: (bytes: Uint8Array, at: number, n: number) => number,
): Uint32Array<ArrayBuffer> {
  kernel ??= createSha256Kernel();
  const { states, texts, compress } = kernel;
  const digests = new Uint32Array(count * WORDS);
  const { middle, whole, left } = takeUp(beginning, kernel);
  const ends = new Int32Array(LANES);
  for (let first = 0; first < count; first += LANES) {
    const lanes = Math.min(LANES, count - first);
    let isLonger = false;
    for (let lane = 0; lane < lanes; lane++) {
      const start = lane * ROOM;
      const end = put(texts, start + left, first + lane);
      if (end + 9 - start > ROOM) throw new RangeError(`${end - start - left} characters are more than an ending may have`);
      const blocks = end + 9 - start <= BLOCK ? 1 : 2;
      pad(texts, end, start + blocks * BLOCK, whole + end - start);
      ends[lane] = blocks;
      isLonger ||= blocks === 2;
    }
    states.set(middle);
    compress(0);
    for (let lane = 0; lane < lanes; lane++) if (ends[lane] === 1) copyDigest(lane, first + lane);
    if (!isLonger) continue;
    compress(BLOCK);
    for (let lane = 0; lane < lanes; lane++) if (ends[lane] === 2) copyDigest(lane, first + lane);
  }
  return digests;

  function copyDigest(lane: number, n: number): void {
    for (let word = 0; word < WORDS; word++) digests[n * WORDS + word] = states[word * LANES + lane]!;
  }
}

/** Takes up a beginning: gives the states behind its whole blocks and how many bytes those are; the bytes that are left begin each text. */
function takeUp(beginning: string, { states, texts, compress }: Sha256Kernel) {
  const bytes = new TextEncoder().encode(beginning);
  const left = bytes.length % BLOCK;
  const whole = bytes.length - left;
  for (let word = 0; word < WORDS; word++) states.fill(IV[word]!, word * LANES, (word + 1) * LANES);
  for (let at = 0; at <= whole; at += BLOCK) {
    for (let lane = 0; lane < LANES; lane++) texts.set(bytes.subarray(at, at + BLOCK), lane * ROOM);
    if (at < whole) compress(0);
  }
  return { middle: states.slice(), whole, left };
}

/** SHA-256's padding from `end` to the end of the last block, for a text of so many bytes: below 2^29, no text is 512 MiB. */
function pad(texts: Uint8Array, end: number, blockEnd: number, length: number): void {
  texts[end] = 0x80;
  texts.fill(0, end + 1, blockEnd - 4);
  for (let place = 1, bits = length * 8; place <= 4; place++, bits >>>= 8) texts[blockEnd - place] = bits & 255;
}
