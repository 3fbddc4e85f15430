/** Writes ASCII where digests are made of it, without a string between. Each gives the place behind what it wrote. */

/**
 * Texts in ASCII that are hashed together, in which what `prefixOf` gives is followed by what `putRest` writes of text `n` from byte `at` on.
 * Neither asks for a digest of its own: there is one kernel.
 */
export interface Texts {
  readonly count: number;
  readonly prefixOf: (n: number) => string;
  readonly putRest: (bytes: Uint8Array, at: number, n: number) => number;
}

/**
 * Writes texts of {@link Texts} each into one of several places. A prefix that stands there since the last text is not written again.
 */
export function createTextWriter({ prefixOf, putRest }: Texts): (bytes: Uint8Array, at: number, lane: number, n: number) => number {
  const held: string[] = [];
  return (bytes, at, lane, n) => {
    const prefix = prefixOf(n);
    if (held[lane] !== prefix) putText(bytes, at, prefix);
    held[lane] = prefix;
    return putRest(bytes, at + prefix.length, n);
  };
}

const MAX_INT = 2 ** 31 - 1;

/** Decimal digits of a whole number 0 … 2^53. */
export function putDecimal(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let limit = 10; limit <= value; limit *= 10) end++;
  let place = end;
  let rest = value;
  for (; rest > MAX_INT; rest = Math.floor(rest / 10)) bytes[--place] = 48 + (rest % 10);
  // Whole numbers of 31 bits are divided several times as fast.
  for (let left = rest | 0; place > at; left = (left / 10) | 0) bytes[--place] = 48 + (left % 10);
  return end;
}

export function putText(bytes: Uint8Array, at: number, text: string): number {
  for (let place = 0; place < text.length; place++) bytes[at + place] = text.charCodeAt(place);
  return at + text.length;
}
