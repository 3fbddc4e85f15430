/** Encoding and decoding of Parquet's BYTE_STREAM_SPLIT for doubles. Little-endian, as every platform of Node is. */

/** All first bytes, then all second bytes and so on: bytes that change little become adjacent. */
export function splitBytes(values: Float64Array): Uint8Array {
  const count = values.length;
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * count);
  const out = new Uint8Array(8 * count);
  // One pass over both halves of each double: a loop for each of the eight bytes takes up to twice as long.
  for (let at = 0; at < count; at++) {
    const low = words[2 * at]!;
    const high = words[2 * at + 1]!;
    out[at] = low;
    out[count + at] = low >>> 8;
    out[2 * count + at] = low >>> 16;
    out[3 * count + at] = low >>> 24;
    out[4 * count + at] = high;
    out[5 * count + at] = high >>> 8;
    out[6 * count + at] = high >>> 16;
    out[7 * count + at] = high >>> 24;
  }
  return out;
}

/** Undoes {@link splitBytes}. @throws RangeError unless the bytes are those of `count` doubles */
export function joinBytes(input: Uint8Array, count: number): Float64Array {
  if (input.length !== count * 8) throw new RangeError(`${input.length} bytes for ${count} doubles`);
  const words = new Uint32Array(2 * count);
  const wordAt = (at: number) => input[at]! | (input[count + at]! << 8) | (input[2 * count + at]! << 16) | (input[3 * count + at]! << 24);
  for (let at = 0; at < count; at++) {
    words[2 * at] = wordAt(at);
    words[2 * at + 1] = wordAt(4 * count + at);
  }
  return new Float64Array(words.buffer);
}
