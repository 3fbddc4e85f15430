/** Writes ASCII where digests are made of it, without a string between. Each gives the place behind what it wrote. */

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
