import { createSha256Kernel, IV, LANES, ROOM } from './sha256-kernel.ts';
import { createTextWriter, type Texts } from './texts.ts';

const BLOCK = 64;
const WORDS = 8;
/** The longest ending, characters: with what is left of the beginning, and with its padding, it fits the kernel's room. */
export const LONGEST_ENDING = ROOM - (BLOCK - 1) - 9;

let kernel: ReturnType<typeof createSha256Kernel> | undefined;

/**
 * SHA-256 of texts that begin alike, which is taken up once: of endings of at most {@link LONGEST_ENDING} characters, as eight words each, the
 * highest first.
 */
export function sha256After(beginning: string): (endings: Texts) => Uint32Array<ArrayBuffer> {
  kernel ??= createSha256Kernel();
  const { states, texts, compress } = kernel;
  const bytes = new TextEncoder().encode(beginning);
  const whole = bytes.length - (bytes.length % BLOCK);
  for (let word = 0; word < WORDS; word++) states.fill(IV[word]!, word * LANES, (word + 1) * LANES);
  for (let at = 0; at < whole; at += BLOCK) {
    for (let lane = 0; lane < LANES; lane++) texts.set(bytes.subarray(at, at + BLOCK), lane * ROOM);
    compress(0);
  }
  const middle = states.slice();
  const left = bytes.slice(whole);
  const blocks = new Int32Array(LANES);

  return (endings) => {
    const { count } = endings;
    const put = createTextWriter(endings);
    const digests = new Uint32Array(count * WORDS);
    for (let lane = 0; lane < LANES; lane++) texts.set(left, lane * ROOM);
    for (let first = 0; first < count; first += LANES) {
      const lanes = Math.min(LANES, count - first);
      let most = 0;
      for (let lane = 0; lane < lanes; lane++) {
        const start = lane * ROOM;
        const end = put(texts, start + left.length, lane, first + lane);
        blocks[lane] = Math.ceil((end + 9 - start) / BLOCK);
        if (blocks[lane]! * BLOCK > ROOM) throw new RangeError(`${end - start - left.length} characters are more than an ending may have`);
        most = Math.max(most, blocks[lane]!);
        pad(texts, end, start + blocks[lane]! * BLOCK, whole + end - start);
      }
      states.set(middle);
      // A text that is shorter than its neighbours has its digest before they have.
      for (let block = 1; block <= most; block++) {
        compress((block - 1) * BLOCK);
        for (let lane = 0; lane < lanes; lane++) {
          if (blocks[lane] !== block) continue;
          for (let word = 0; word < WORDS; word++) digests[(first + lane) * WORDS + word] = states[word * LANES + lane]!;
        }
      }
    }
    return digests;
  };
}

/** SHA-256's padding from `end` to the end of the last block, for a text of so many bytes: below 2^29, no text is 512 MiB. */
function pad(texts: Uint8Array, end: number, blockEnd: number, length: number): void {
  texts[end] = 0x80;
  texts.fill(0, end + 1, blockEnd - 4);
  for (let place = 1, bits = length * 8; place <= 4; place++, bits >>>= 8) texts[blockEnd - place] = bits & 255;
}
