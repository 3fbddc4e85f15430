import { createBlake2bKernel, IV } from './blake2b-kernel.ts';

const BLOCK = 128;

type Kernel = ReturnType<typeof openKernel>;
let opened: Kernel | undefined;

function openKernel() {
  const { state, block, compress } = createBlake2bKernel();
  return { state, words: new Uint32Array(state.buffer, state.byteOffset, 16), block, compress };
}

function begin(digestLength: number): Kernel {
  opened ??= openKernel();
  opened.words.set(IV);
  // No key, fanout 1, depth 1.
  opened.words[0]! ^= 0x01010000 | digestLength;
  return opened;
}

/** BLAKE2b (RFC 7693) without a key: a digest of `length` bytes, 1 … 64. */
export function blake2b(bytes: Uint8Array, length: number): Uint8Array {
  const { state, block, compress } = begin(length);
  let at = 0;
  for (; at + BLOCK < bytes.length; at += BLOCK) {
    block.set(bytes.subarray(at, at + BLOCK));
    compress(at + BLOCK, 0);
  }
  block.set(bytes.subarray(at));
  block.fill(0, bytes.length - at);
  compress(bytes.length, -1);
  return state.slice(0, length);
}

/** The low 32 bits, read little-endian, of the digest of 8 bytes of ASCII text of at most 128 characters. */
export function blake2b64Low(text: string): number {
  const { length } = text;
  if (length > BLOCK) throw new RangeError(`${length} characters do not fit one block`);
  const { words, block, compress } = begin(8);
  for (let at = 0; at < length; at++) block[at] = text.charCodeAt(at);
  block.fill(0, length);
  compress(length, -1);
  return words[0]!;
}
