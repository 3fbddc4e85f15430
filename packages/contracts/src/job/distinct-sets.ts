import { canonicalJson } from '../identity/canonical-json.ts';
import { type ParamValue, type ParamValues, paramIdOf } from '../identity/param-id.ts';
import { commonOrigin, parseSeed, replicateSeed, type Seed, type SeedOrigin } from '../identity/seed.ts';
import { isSeeded } from '../parameter-set-entry.ts';
import type { SimulationStudy } from '../study.ts';

/** A parameter set of a study. `seeds` is undefined where the seed of each replicate is derived from its number. */
export interface TaskSet {
  readonly values: ParamValues;
  readonly seeds: readonly Seed[] | undefined;
}

/** A parameter set, merged from the entries read so far. */
interface MergedSet {
  readonly values: ParamValues;
  isReplicated: boolean;
  given: Seed[] | undefined;
}

/**
 * The distinct parameter sets of a study, in order of their first entries. Entries with equal values are one set: its replicates are those of
 * a plain entry, followed by the explicit seeds, each once.
 */
export function distinctSets(study: SimulationStudy): readonly TaskSet[] {
  const sets: MergedSet[] = [];
  const indexOf = createValuesIndex((at) => sets[at]!.values);
  for (const entry of study.parameter_sets) {
    const isGiven = isSeeded(entry);
    const values = isGiven ? entry.params : (entry as ParamValues);
    const at = indexOf(values, sets.length);
    if (at === sets.length) sets.push({ values, isReplicated: false, given: undefined });
    const set = sets[at]!;
    if (!isGiven) set.isReplicated = true;
    else if (set.given === undefined) set.given = [parseSeed(entry.seed)];
    else set.given.push(parseSeed(entry.seed));
  }
  return sets.map(({ values, isReplicated, given }) => {
    if (given === undefined) return { values, seeds: undefined };
    return { values, seeds: [...new Set(isReplicated ? [...replicateSeeds(study, values), ...given] : given)] };
  });
}

/** The origin of the seeds of all replicates; undefined where each set has its own. */
export function seedOriginOf({ seed_scheme, seed = 0 }: SimulationStudy): SeedOrigin | undefined {
  return seed_scheme === 'common' ? commonOrigin(parseSeed(seed)) : undefined;
}

function replicateSeeds(study: SimulationStudy, values: ParamValues): Seed[] {
  const origin = seedOriginOf(study) ?? paramIdOf(values);
  return Array.from({ length: study.n_replicates }, (_, replicate) => BigInt(replicateSeed(origin, replicate)));
}

/** Returns the number of the set with equal values, or `next` for new values. Values are compared exactly if a cheap hash of them is equal. */
function createValuesIndex(valuesAt: (at: number) => ParamValues): (values: ParamValues, next: number) => number {
  const byHash = new Map<number, number | number[]>();
  const hashOf = createValuesHash();
  return (values, next) => {
    const hash = hashOf(values);
    const known = byHash.get(hash);
    if (known === undefined) {
      byHash.set(hash, next);
      return next;
    }
    const text = canonicalJson(values);
    const candidates = typeof known === 'number' ? [known] : known;
    const same = candidates.find((at) => canonicalJson(valuesAt(at)) === text);
    if (same === undefined) byHash.set(hash, [...candidates, next]);
    return same ?? next;
  };
}

/** A 32-bit hash that does not depend on the order of names: canonical JSON of 100,000 sets takes twenty times as long. */
function createValuesHash(): (values: ParamValues) => number {
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  const factors = new Map<string, number>();
  const factorOf = (name: string) => {
    const factor = factors.get(name) ?? hashOfText(name) | 1;
    factors.set(name, factor);
    return factor;
  };
  const hashOfValue = (value: ParamValue) => {
    if (typeof value === 'string') return hashOfText(value);
    number[0] = Number(value) + 0; // −0 and 0 are one value
    return Math.imul(words[0]!, 0x9e3779b1) ^ words[1]!;
  };
  return (values) => {
    let hash = 0;
    for (const name in values) {
      const mixed = Math.imul(hashOfValue(values[name]!), factorOf(name));
      hash = (hash + Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)) | 0;
    }
    return hash;
  };
}

function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
