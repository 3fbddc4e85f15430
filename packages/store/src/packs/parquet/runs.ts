/** Runs of small numbers: `values[k]` repeated `lengths[k]` times, once if `lengths` is omitted. */
export interface Runs {
  readonly values: ArrayLike<number>;
  readonly lengths?: ArrayLike<number> | undefined;
}

/** The number of bits for 0 … max. */
export function bitsFor(max: number): number {
  return 32 - Math.clz32(max);
}

/**
 * Parquet's hybrid of run lengths and bit packing. The time depends on the number of runs, not of values: the libraries take one number per row, which for a
 * pack of 4,000 simulations × 128 rows takes a hundred times as long.
 */
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

/** Seven bits per byte, lowest first. */
function writeVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}

/**
 * Checks that runs contain at least `rows` values and at most seven more, before memory is allocated: hyparquet's decoder accepts
 * a run of 2^31 values.
 * @throws RangeError
 */
export function checkRuns(input: Uint8Array, bits: number, rows: number): void {
  let at = 0;
  let seen = 0;
  while (seen < rows) {
    let head = 0;
    let factor = 1;
    for (let byte = 128; byte >= 128; factor *= 128) {
      byte = input[at++] ?? Number.NaN;
      head += (byte & 127) * factor;
    }
    const isPacked = head % 2 === 1;
    const count = isPacked ? (head - 1) * 4 : head / 2;
    at += isPacked ? (count / 8) * bits : Math.ceil(bits / 8);
    seen += count;
    // Bit-packed groups of eight may be padded, also where a writer padded several.
    if (!isPacked && seen > rows) throw new RangeError(`a run of ${count} values in a page of ${rows}`);
    if (at > input.length) throw new RangeError('runs are cut off');
  }
}
