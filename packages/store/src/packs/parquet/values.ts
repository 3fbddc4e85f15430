/** Parquet's PLAIN encoding and BYTE_STREAM_SPLIT, each way. Little-endian, as every platform of Node is. */

/** Small enough for the processor's first cache. */
const TILE = 512;

/** The bytes of doubles, first bytes first, then second bytes and so on: what changes little stands together. */
export function splitBytes(values: Float64Array): Uint8Array {
  const input = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const count = values.length;
  const out = new Uint8Array(input.length);
  for (let start = 0; start < count; start += TILE) {
    const end = Math.min(count, start + TILE);
    for (let place = 0; place < 8; place++) {
      let to = place * count + start;
      for (let from = start * 8 + place; from < end * 8; from += 8) out[to++] = input[from]!;
    }
  }
  return out;
}

/** Undoes {@link splitBytes} into `into`. */
export function joinBytes(input: Uint8Array, into: Float64Array): void {
  const out = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  const count = into.length;
  if (input.length !== out.length) throw new RangeError(`${input.length} bytes for ${count} doubles`);
  for (let start = 0; start < count; start += TILE) {
    const end = Math.min(count, start + TILE);
    for (let place = 0; place < 8; place++) {
      let from = place * count + start;
      for (let to = start * 8 + place; to < end * 8; to += 8) out[to] = input[from++]!;
    }
  }
}

export function plainNumbers(values: Int32Array | BigInt64Array | BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** Copies numbers out of a page, whose bytes need not be aligned. */
export function readNumbers(input: Uint8Array, into: Int32Array | BigInt64Array | BigUint64Array): void {
  if (input.length !== into.byteLength) throw new RangeError(`${input.length} bytes for ${into.length} numbers`);
  new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(input);
}

export function plainBools(values: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (let at = 0; at < values.length; at++) if (values[at]) bits[at >> 3]! |= 1 << (at & 7);
  return bits;
}

/** Each text as its length in four bytes and its UTF-8. */
export function plainTexts(values: readonly string[]): Uint8Array {
  let size = 4 * values.length;
  for (const value of values) size += Buffer.byteLength(value);
  const out = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const value of values) {
    const written = out.write(value, at + 4);
    at = out.writeUInt32LE(written, at) + written;
  }
  return out;
}

/** Where each of `count` texts of a PLAIN page begins, and where the last one ends (each but the first has four bytes before it). @throws RangeError */
export function textPlaces(input: Uint8Array, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  let at = 0;
  for (let text = 0; text < count; text++) {
    const length = input[at]! + input[at + 1]! * 256 + input[at + 2]! * 65_536 + input[at + 3]! * 16_777_216;
    starts[text] = at + 4;
    at += 4 + length;
    if (!(at <= input.length)) throw new RangeError('a text leaves its page');
  }
  starts[count] = at + 4;
  return starts;
}
