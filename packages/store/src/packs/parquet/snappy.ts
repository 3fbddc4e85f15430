/**
 * Snappy (google/snappy, format_description.txt). Five times as fast as zstd of the WebAssembly build on columns of doubles that are
 * split by byte, and within a tenth of its size.
 */
const BLOCK = 65_536;
const HASH_BITS = 14;
/** Matches are looked for up to here before a block's end, so that four bytes can always be read. */
const MARGIN = 15;

const table = new Uint16Array(1 << HASH_BITS);

export function compressSnappy(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
  let at = 0;
  let length = input.length;
  while (length >= 128) {
    out[at++] = (length & 127) | 128;
    length = Math.floor(length / 128);
  }
  out[at++] = length;
  for (let start = 0; start < input.length; start += BLOCK)
    at = compressBlock(input, start, Math.min(input.length, start + BLOCK), out, at);
  return out.subarray(0, at);
}

/** Greedy matching by hash of four bytes; steps grow where nothing matches, so that noise costs little. */
function compressBlock(input: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): number {
  let to = outAt;
  let literal = start;
  const limit = end - MARGIN;
  if (limit > start) {
    table.fill(0);
    let at = start + 1;
    let skip = 32;
    while (at <= limit) {
      const word = load(input, at);
      const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const candidate = start + table[hash]!;
      table[hash] = at - start;
      if (candidate >= at || load(input, candidate) !== word) {
        at += skip++ >>> 5;
        continue;
      }
      to = writeLiteral(input, literal, at, out, to);
      let match = 4;
      while (at + match < end && input[candidate + match] === input[at + match]) match++;
      to = writeCopy(at - candidate, match, out, to);
      at += match;
      literal = at;
      skip = 32;
      if (at <= limit) table[Math.imul(load(input, at - 1), 0x1e35a7bd) >>> (32 - HASH_BITS)] = at - 1 - start;
    }
  }
  return writeLiteral(input, literal, end, out, to);
}

function load(input: Uint8Array, at: number): number {
  return input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
}

function writeLiteral(input: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): number {
  const length = end - start;
  if (length === 0) return outAt;
  let to = outAt;
  if (length <= 60) out[to++] = (length - 1) << 2;
  else {
    const bytes = length - 1 < 256 ? 1 : 2;
    out[to++] = (59 + bytes) << 2;
    out[to++] = (length - 1) & 255;
    if (bytes === 2) out[to++] = (length - 1) >> 8;
  }
  if (length < 32) for (let at = start; at < end; at++) out[to++] = input[at]!;
  else {
    out.set(input.subarray(start, end), to);
    to += length;
  }
  return to;
}

function writeCopy(offset: number, length: number, out: Uint8Array, outAt: number): number {
  let to = outAt;
  let left = length;
  while (left > 0) {
    // A last copy of fewer than four bytes has no short form, and is better shared with the one before.
    const part = left > 64 && left < 68 ? 60 : Math.min(left, 64);
    out[to++] = ((part - 1) << 2) | 2;
    out[to++] = offset & 255;
    out[to++] = offset >> 8;
    left -= part;
  }
  return to;
}

/** @throws RangeError for bytes that are not Snappy of `length` bytes. */
export function decompressSnappy(input: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  let declared = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = input[at++]!;
    declared += (byte & 127) * factor;
    if (!(byte >= 128)) break;
  }
  if (declared !== length) throw new RangeError(`compressed bytes say ${declared}, the page says ${length}`);
  let to = 0;
  while (at < input.length) {
    const tag = input[at++]!;
    let size = (tag >> 2) + 1;
    if ((tag & 3) === 0) {
      if (size > 60) {
        const bytes = size - 60;
        size = 1;
        for (let place = 0; place < bytes; place++) size += input[at++]! * 2 ** (8 * place);
      }
      if (!(at + size <= input.length) || to + size > length) throw new RangeError('a literal leaves its page');
      if (size < 32) for (const end = at + size; at < end; ) out[to++] = input[at++]!;
      else {
        out.set(input.subarray(at, at + size), to);
        [at, to] = [at + size, to + size];
      }
      continue;
    }
    let offset: number;
    if ((tag & 3) === 1) {
      size = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | input[at++]!;
    } else {
      offset = input[at]! | (input[at + 1]! << 8);
      if ((tag & 3) === 3) offset += input[at + 2]! * 2 ** 16 + input[at + 3]! * 2 ** 24;
      at += (tag & 3) === 3 ? 4 : 2;
    }
    if (!(offset > 0 && offset <= to) || to + size > length) throw new RangeError('a copy leaves its page');
    if (offset >= size) out.copyWithin(to, to - offset, to - offset + size);
    else if (offset === 1) out.fill(out[to - 1]!, to, to + size);
    else for (let place = 0; place < size; place++) out[to + place] = out[to + place - offset]!;
    to += size;
  }
  if (to !== length) throw new RangeError(`a page holds ${to} bytes of ${length}`);
  return out;
}
