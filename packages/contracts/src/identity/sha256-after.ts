import { createSha256Kernel, IV, type Sha256Kernel } from './sha256-kernel.ts';

const BLOCK = 64;
let kernel: Sha256Kernel | undefined;

/**
 * SHA-256 of texts that begin alike: `begin` takes up their beginning, the function it gives the rest, in ASCII. The digest is eight words, the
 * highest first, in an array that the next digest writes over.
 */
export function sha256After(beginning: string): (rest: string) => Uint32Array {
  kernel ??= createSha256Kernel();
  const { state, block, compress } = kernel;
  const bytes = new TextEncoder().encode(beginning);
  const whole = bytes.length - (bytes.length % BLOCK);
  state.set(IV);
  for (let at = 0; at < whole; at += BLOCK) {
    block.set(bytes.subarray(at, at + BLOCK));
    compress();
  }
  const middle = state.slice();
  const left = bytes.slice(whole);
  return (rest) => {
    state.set(middle);
    block.set(left);
    let at = left.length;
    for (let place = 0; place < rest.length; place++) {
      block[at++] = rest.charCodeAt(place);
      if (at === BLOCK) {
        compress();
        at = 0;
      }
    }
    block[at++] = 0x80;
    if (at > BLOCK - 8) {
      block.fill(0, at);
      compress();
      at = 0;
    }
    block.fill(0, at);
    const bits = (bytes.length + rest.length) * 8; // below 2^32: no text is 512 MiB
    for (let place = 0; place < 4; place++) block[BLOCK - 1 - place] = (bits >>> (8 * place)) & 255;
    compress();
    return state;
  };
}
