import { blake2b } from '@noble/hashes/blake2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { ModelOpsError } from '../errors.ts';
import { hashMany } from './hash-many.ts';
import type { Branded } from './ids.ts';
import { prefixBy } from './many-texts.ts';
import type { ParamId } from './param-id.ts';

/** A random seed, 0 … 2^64−1. */
export type Seed = bigint;
/** A seed in JSON: a number up to 2^53−1, above that a decimal string. */
export type JsonSeed = number | string;
/** What the seeds of replicates are derived from: the id of a parameter set, or {@link commonOrigin} for all sets. */
export type SeedOrigin = ParamId | Branded<'CommonOrigin'>;

const MAX_SEED = 2n ** 64n - 1n;
const DIGEST_BYTES = 8;

/** The origin of seeds that every parameter set shares: `common:{study seed}`. */
export function commonOrigin(studySeed: Seed): SeedOrigin {
  return `common:${studySeed}` as SeedOrigin;
}

/** The seed of a replicate: BLAKE2b with an 8-byte digest of `{origin}:{replicate}`, little-endian, mod 2^32. */
export function replicateSeed(origin: SeedOrigin, replicate: number): number {
  return lowWord(blake2b(utf8ToBytes(`${seedPrefix(origin)}${replicate}`), { dkLen: DIGEST_BYTES }), 0);
}

export interface Replicates {
  readonly count: number;
  readonly originOf: (n: number) => SeedOrigin;
  readonly replicateOf: (n: number) => number;
}

/** The seeds of many replicates, by the same rule. */
export function replicateSeeds({ count, originOf, replicateOf }: Replicates): Uint32Array {
  const texts = { count, prefixOf: prefixBy(originOf, seedPrefix), restOf: replicateOf };
  const digests = hashMany({ blake2b: DIGEST_BYTES }, texts);
  const seeds = new Uint32Array(count);
  for (let n = 0; n < count; n++) seeds[n] = lowWord(digests, n * DIGEST_BYTES);
  return seeds;
}

const seedPrefix = (origin: SeedOrigin) => `${origin}:`;

function lowWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** @throws IDENTITY_INVALID unless it is a whole number 0 … 2^64−1, as a number up to 2^53−1 or decimal text. */
export function parseSeed(value: unknown): Seed {
  const isText = typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value);
  if (isText || (typeof value === 'number' && Number.isSafeInteger(value)) || typeof value === 'bigint') {
    const seed = BigInt(value as string | number | bigint);
    if (seed >= 0n && seed <= MAX_SEED) return seed;
  }
  throw new ModelOpsError('IDENTITY_INVALID', `invalid seed ${String(value)}: expected a whole number from 0 to 18446744073709551615`, {
    hint: 'write a seed above 9007199254740991 as a string',
  });
}

/** A number where JSON keeps it exact, otherwise decimal text. */
export function seedToJson(seed: Seed): JsonSeed {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed.toString();
}
