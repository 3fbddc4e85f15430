// Texts that are hashed together, written where they are hashed: a million strings and their copies take longer than a million digests.

/** Texts that are hashed together: each is a prefix, a rest and the ending. */
export interface ManyTexts {
  readonly count: number;
  /** Called once for each number, in order. A prefix that is the same string as the one before is not written again. */
  readonly prefixOf: (n: number) => string;
  /** A whole number, 0 … 2^53, as decimal digits, or ASCII. Default: nothing. */
  readonly restOf?: (n: number) => number | string;
  /** ASCII. Default: nothing. */
  readonly ending?: string;
}

/** A `prefixOf` that is determined by a key; it is made again where the key differs from the one before. */
export function prefixBy<K>(keyOf: (n: number) => K, textOf: (key: K) => string): (n: number) => string {
  let [held, prefix]: [K | undefined, string] = [undefined, ''];
  return (n) => {
    const key = keyOf(n);
    if (key !== held) [held, prefix] = [key, textOf(key)];
    return prefix;
  };
}

/** The most digits of a number. */
export const DIGITS = 16;

const MAX_INT = 2 ** 31 - 1;

/** Writes a whole number, 0 … 2^53, in decimal; returns the place after it. */
export function writeDecimal(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let limit = 10; limit <= value; limit *= 10) end++;
  let place = end;
  let rest = value;
  for (; rest > MAX_INT; rest = Math.floor(rest / 10)) bytes[--place] = 48 + (rest % 10);
  // 31-bit integers are divided several times as fast.
  for (let left = rest | 0; place > at; left = (left / 10) | 0) bytes[--place] = 48 + (left % 10);
  return end;
}

/** Writes ASCII; returns the place after it, or −1 for a text that is not ASCII. */
export function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code > 127) return -1;
    bytes[at + place] = code;
  }
  return at + text.length;
}
