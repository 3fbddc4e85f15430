import { ByteReader, writeVarint } from './thrift.ts';

/** Small numbers, each several times in a row: `lengths[k]` times `values[k]`. */
export interface Runs {
  readonly values: ArrayLike<number>;
  /** Once each where it is left out. */
  readonly lengths?: ArrayLike<number> | undefined;
}

/** Bits that hold 0 … max. */
export function bitsFor(max: number): number {
  return 32 - Math.clz32(max);
}

/** Parquet's hybrid of run lengths and bit packing. Costs as much as there are runs, not values. */
export function encodeRuns({ values, lengths }: Runs, bits: number): Uint8Array {
  const out: number[] = [];
  let waiting: number[] = [];
  const bytes = Math.ceil(bits / 8);
  const pack = () => {
    if (waiting.length === 0) return;
    const groups = Math.ceil(waiting.length / 8);
    writeVarint(out, groups * 2 + 1);
    let held = 0;
    let used = 0;
    for (let at = 0; at < groups * 8; at++) {
      held += (waiting[at] ?? 0) * 2 ** used;
      for (used += bits; used >= 8; used -= 8) {
        out.push(held % 256);
        held = Math.floor(held / 256);
      }
    }
    waiting = [];
  };
  let run = 0;
  while (run < values.length) {
    const value = values[run]!;
    let length = 0;
    for (; run < values.length && values[run] === value; run++) length += lengths?.[run] ?? 1;
    for (; length > 0 && waiting.length % 8 !== 0; length--) waiting.push(value);
    if (length < 8) for (; length > 0; length--) waiting.push(value);
    else {
      pack();
      writeVarint(out, length * 2);
      for (let place = 0; place < bytes; place++) out.push(Math.floor(value / 256 ** place) % 256);
    }
  }
  pack();
  return Uint8Array.from(out);
}

/** Fills `into` from the hybrid; gives back where the reader stands after it. @throws RangeError when the bytes end early. */
export function decodeRuns(input: Uint8Array, start: number, bits: number, into: Int32Array): number {
  const reader = new ByteReader(input, start);
  const bytes = Math.ceil(bits / 8);
  const modulus = 2 ** bits;
  let at = 0;
  while (at < into.length) {
    const head = reader.varint();
    if (head % 2 === 0) {
      let value = 0;
      for (let place = 0; place < bytes; place++) value += reader.byte() * 256 ** place;
      into.fill(value, at, at + head / 2);
      at += head / 2;
      continue;
    }
    const packed = reader.take(((head - 1) / 2) * bits);
    const count = Math.min(((head - 1) / 2) * 8, into.length - at);
    let held = 0;
    let filled = 0;
    let next = 0;
    for (let value = 0; value < count; value++) {
      for (; filled < bits; filled += 8) held += packed[next++]! * 2 ** filled;
      into[at++] = held % modulus;
      held = Math.floor(held / modulus);
      filled -= bits;
    }
  }
  return reader.at;
}
