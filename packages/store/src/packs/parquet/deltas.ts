import { ByteReader, writeVarint } from './thrift.ts';

const BLOCK = 128;
const MINI = 32;

/** Parquet's DELTA_BINARY_PACKED of 32-bit integers: blocks of 128, packed by 32. Differences wrap. */
export function encodeDeltas(values: Int32Array): Uint8Array {
  const out = new Uint8Array(32 + values.length * 4 + Math.ceil(values.length / BLOCK) * (BLOCK * 4 + 16));
  const words = new DataView(out.buffer);
  let at = 0;
  const put = (...numbers: number[]) => {
    const bytes: number[] = [];
    for (const number of numbers) writeVarint(bytes, number);
    out.set(bytes, at);
    at += bytes.length;
  };
  put(BLOCK, BLOCK / MINI, values.length, zigzag(values[0] ?? 0));
  const deltas = new Int32Array(BLOCK);
  for (let start = 1; start < values.length; start += BLOCK) {
    const count = Math.min(BLOCK, values.length - start);
    let least = 2 ** 31 - 1;
    for (let place = 0; place < count; place++) {
      const delta = (values[start + place]! - values[start + place - 1]!) | 0;
      deltas[place] = delta;
      if (delta < least) least = delta;
    }
    put(zigzag(least));
    const widths = at;
    at += BLOCK / MINI;
    for (let mini = 0; mini * MINI < count; mini++) {
      const from = mini * MINI;
      const end = Math.min(count, from + MINI);
      let all = 0;
      for (let place = from; place < end; place++) {
        deltas[place] = deltas[place]! - least;
        all |= deltas[place]!;
      }
      deltas.fill(0, end, from + MINI);
      const width = 32 - Math.clz32(all);
      out[widths + mini] = width;
      at = pack(deltas, from, width, words, at);
    }
  }
  return out.subarray(0, at);
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function pack(values: Int32Array, from: number, width: number, words: DataView, start: number): number {
  if (width === 0) return start;
  let at = start;
  let held = 0;
  let used = 0;
  for (let place = from; place < from + MINI; place++) {
    const value = values[place]!;
    held |= value << used;
    used += width;
    if (used < 32) continue;
    words.setInt32(at, held, true);
    at += 4;
    used -= 32;
    held = used === 0 ? 0 : value >>> (width - used);
  }
  return at;
}

/** @throws RangeError unless the bytes hold as many values as `into`. */
export function decodeDeltas(input: Uint8Array, into: Int32Array): void {
  const reader = new ByteReader(input);
  const block = reader.varint();
  const minis = reader.varint();
  if (reader.varint() !== into.length) throw new RangeError(`a page of deltas does not hold ${into.length} values`);
  const size = block / minis;
  let value = reader.zigzag();
  if (into.length > 0) into[0] = value;
  for (let start = 1; start < into.length; start += block) {
    const least = reader.zigzag();
    const widths = reader.take(minis);
    for (let mini = 0; mini < minis && start + mini * size < into.length; mini++) {
      const width = widths[mini]!;
      const packed = reader.take((width * size) / 8);
      const end = Math.min(into.length, start + (mini + 1) * size);
      for (let at = start + mini * size, bit = 0; at < end; at++, bit += width) {
        value = (value + least + unpack(packed, bit, width)) | 0;
        into[at] = value;
      }
    }
  }
}

function unpack(packed: Uint8Array, bit: number, width: number): number {
  if (width === 0) return 0;
  const shift = bit & 7;
  let place = bit >> 3;
  let value = packed[place++]! >>> shift;
  for (let filled = 8 - shift; filled < width; filled += 8) value |= packed[place++]! << filled;
  return width === 32 ? value : value & ((1 << width) - 1);
}
