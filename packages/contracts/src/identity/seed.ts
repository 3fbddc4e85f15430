import { ModelOpsError } from '../errors.ts';
import { blake2b64Low } from './blake2b.ts';
import type { Branded } from './hex-id.ts';
import type { ParamId } from './param-id.ts';
import { putDecimal, putText } from './put-ascii.ts';

/** A random seed, 0 … 2^64−1. */
export type Seed = bigint;
/** A seed in JSON: a number up to 2^53−1, above that a decimal string. */
export type JsonSeed = number | string;

const MAX_SEED = 2n ** 64n - 1n;

/** What the seeds of replicates derive from: a parameter set, or {@link commonOrigin} for all sets alike. */
export type SeedOrigin = ParamId | Branded<'CommonOrigin'>;

/** The origin of seeds that every parameter set shares: `common:{study seed}`. */
export function commonOrigin(studySeed: Seed): SeedOrigin {
  return `common:${studySeed}` as SeedOrigin;
}

/** The seed of a replicate: BLAKE2b with an 8-byte digest of `{origin}:{replicate}`, little-endian, mod 2^32 (seed document 001). */
export function replicateSeed(origin: SeedOrigin, replicate: number): number {
  return replicateSeeds({ count: 1, originOf: () => origin, replicateOf: () => replicate })[0]!;
}

/** The seeds of many replicates by the same rule. */
export function replicateSeeds({ count, originOf, replicateOf }: Replicates): Uint32Array {
  const putRest = (bytes: Uint8Array, at: number, n: number) => putDecimal(bytes, putText(bytes, at, ':'), replicateOf(n));
  return blake2b64Low({ count, prefixOf: originOf, putRest });
}

export interface Replicates {
  readonly count: number;
  readonly originOf: (n: number) => SeedOrigin;
  readonly replicateOf: (n: number) => number;
}

/** @throws IDENTITY_INVALID unless it is a whole number 0 … 2^64−1, as a number up to 2^53−1 or decimal text. */
export function parseSeed(value: unknown): Seed {
  const isText = typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value);
  if (isText || (typeof value === 'number' && Number.isSafeInteger(value)) || typeof value === 'bigint') {
    const seed = BigInt(value as string | number | bigint);
    if (seed >= 0n && seed <= MAX_SEED) return seed;
  }
  throw new ModelOpsError('IDENTITY_INVALID', `${String(value)} is not a seed`, {
    hint: 'a seed is a whole number from 0 to 18446744073709551615; above 9007199254740991 write it as a string',
  });
}

/** A number where JSON keeps it exact, otherwise decimal text. */
export function seedToJson(seed: Seed): JsonSeed {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed.toString();
}
