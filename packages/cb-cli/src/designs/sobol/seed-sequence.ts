const INIT_A = 0x43b0d7e5;
const MULT_A = 0x931e8875;
const INIT_B = 0x8b51f9dd;
const MULT_B = 0x58f38ded;
const MIX_L = 0xca01f9dd;
const MIX_R = 0x4973f715;
const POOL_SIZE = 4;

/**
 * Words of NumPy's `SeedSequence(seed).generate_state(words, uint32)`, which spreads any seed over a generator's whole state.
 * After M. E. O'Neill, "Developing a seed_seq alternative" (2015); constants as in NumPy.
 */
export function seedSequenceWords(seed: bigint, words: number): Uint32Array {
  const pool = mixEntropy(entropyOf(seed));
  const state = new Uint32Array(words);
  let constant = INIT_B;
  for (let at = 0; at < words; at++) {
    let value = pool[at % POOL_SIZE]! ^ constant;
    constant = Math.imul(constant, MULT_B);
    value = Math.imul(value, constant);
    state[at] = value ^ (value >>> 16);
  }
  return state;
}

function entropyOf(seed: bigint): number[] {
  const words: number[] = [];
  for (let rest = seed; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}

function mixEntropy(entropy: readonly number[]): Uint32Array {
  const pool = new Uint32Array(POOL_SIZE);
  let constant = INIT_A;
  const hash = (word: number) => {
    let value = word ^ constant;
    constant = Math.imul(constant, MULT_A);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const mix = (x: number, y: number) => {
    const value = Math.imul(MIX_L, x) - Math.imul(MIX_R, y);
    return value ^ (value >>> 16);
  };
  for (let at = 0; at < POOL_SIZE; at++) pool[at] = hash(entropy[at] ?? 0);
  for (let from = 0; from < POOL_SIZE; from++) {
    for (let to = 0; to < POOL_SIZE; to++) if (from !== to) pool[to] = mix(pool[to]!, hash(pool[from]!));
  }
  for (const word of entropy.slice(POOL_SIZE)) {
    for (let to = 0; to < POOL_SIZE; to++) pool[to] = mix(pool[to]!, hash(word));
  }
  return pool;
}
