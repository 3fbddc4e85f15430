import { putText } from './put-ascii.ts';

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
 * Writes texts of {@link Texts} each into one of several places, and gives the place behind it. A prefix that stands there since the last text
 * is not written again.
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
