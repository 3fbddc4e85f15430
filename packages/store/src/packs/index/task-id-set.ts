import type { TaskId } from '@modelops/contracts';

const WORDS = 8;
const HEX = 64;
/** Ids per block of 2 MiB, a power of two. Blocks are never moved, so growing the set does not copy ids. */
const BLOCK_BITS = 16;
const BLOCK = 1 << BLOCK_BITS;
const MAX_LOAD = 0.7;
/** Words from which on the slots grow by doubling: below, they grow by four, so that fewer ids are inserted again. */
const LARGE = 2 ** 20;

/**
 * A set of SHA-256 ids, such as task ids, that numbers them in order of insertion: 32 bytes per id and 12 to 23 for its slots (up to 46 below 400,000
 * ids), so that 10,000,000 take 450 MB. Whole ids are compared.
 */
export class TaskIdSet<Id extends string = TaskId> {
  readonly #blocks: Uint32Array[] = [];
  /** Open addressing, two words per slot: 1 + the number of an id, or 0 if free, and its first word, so that few other ids are compared. */
  #slots = new Int32Array(2 * 1024);
  #size = 0;
  readonly #key = new Uint32Array(WORDS);
  /** The number after the last one found, which a caller that reads in order needs next. */
  #next = 0;

  get size(): number {
    return this.#size;
  }

  has(id: Id): boolean {
    return this.indexOf(id) >= 0;
  }

  /** As {@link has}, for id `n` of an array with eight words per id, highest first. Fastest in order of insertion. */
  hasWords(words: Uint32Array, n: number): boolean {
    return this.#numberOf(words, n) >= 0;
  }

  /** The number of an id, or −1. Fastest in order of insertion. */
  indexOf(id: Id): number {
    this.#readText(id);
    return this.#numberOf(this.#key, 0);
  }

  /** The id's number: the previous `size` if the id is new. */
  add(id: Id): number {
    this.#readText(id);
    this.#makeRoom(1);
    const slot = this.#find(this.#key, 0);
    return this.#slots[slot] === 0 ? this.#append(this.#key, 0, slot) : this.#slots[slot]! - 1;
  }

  /** As {@link add}, for ids of 64 hex digits each that begin at `starts`: no strings are made. */
  addMany(bytes: DataView, starts: Int32Array): Int32Array {
    this.#makeRoom(starts.length);
    const numbers = new Int32Array(starts.length);
    for (let n = 0; n < starts.length; ) {
      // Ids are decoded where they will stay if they are new; all of them first, so that the loop over the slots is short and its cache misses overlap.
      const block = this.#blockFor(this.#size);
      const from = this.#size & (BLOCK - 1);
      const count = Math.min(starts.length - n, BLOCK - from);
      decode(bytes, starts, n, count, block, from * WORDS);
      for (let at = from; at < from + count; at++) {
        const slot = this.#find(block, at);
        numbers[n++] = this.#slots[slot] === 0 ? this.#append(block, at, slot) : this.#slots[slot]! - 1;
      }
    }
    return numbers;
  }

  #numberOf(words: Uint32Array, n: number): number {
    const number = this.#isAt(this.#next, words, n) ? this.#next : this.#slots[this.#find(words, n)]! - 1;
    if (number >= 0) this.#next = number + 1;
    return number;
  }

  #readText(id: string): void {
    const key = this.#key;
    if (id.length !== HEX) throw new RangeError(`${id} is not a task id`);
    for (let word = 0, at = 0; word < WORDS; word++) {
      let value = 0;
      for (const end = at + 8; at < end; at++) {
        const code = id.charCodeAt(at);
        value = (value << 4) | ((code & 15) + 9 * (code >> 6));
      }
      key[word] = value;
    }
  }

  /** The slot of id `n`, or the free slot for it. Ids are SHA-256: their first word is a sufficient hash. */
  #find(words: Uint32Array, n: number): number {
    const slots = this.#slots;
    const first = words[n * WORDS]! | 0;
    const mask = slots.length - 2;
    for (let slot = (first * 2) & mask; ; slot = (slot + 2) & mask) {
      const number = slots[slot]! - 1;
      if (number < 0 || (slots[slot + 1] === first && this.#isAt(number, words, n))) return slot;
    }
  }

  #isAt(number: number, words: Uint32Array, n: number): boolean {
    if (number >= this.#size) return false;
    const block = this.#blocks[number >>> BLOCK_BITS]!;
    const at = (number & (BLOCK - 1)) * WORDS;
    let word = 0;
    while (word < WORDS && block[at + word] === words[n * WORDS + word]) word++;
    return word === WORDS;
  }

  #append(words: Uint32Array, n: number, slot: number): number {
    const number = this.#size++;
    const block = this.#blockFor(number);
    const at = (number & (BLOCK - 1)) * WORDS;
    if (block !== words || at !== n * WORDS) for (let word = 0; word < WORDS; word++) block[at + word] = words[n * WORDS + word]!;
    this.#slots[slot] = this.#size;
    this.#slots[slot + 1] = words[n * WORDS]!;
    return number;
  }

  #blockFor(number: number): Uint32Array {
    const block = number >>> BLOCK_BITS;
    if (block === this.#blocks.length) this.#blocks.push(new Uint32Array(BLOCK * WORDS));
    return this.#blocks[block]!;
  }

  #makeRoom(more: number): void {
    let length = this.#slots.length;
    while (this.#size + more > (length / 2) * MAX_LOAD) length *= length < LARGE ? 4 : 2;
    if (length === this.#slots.length) return;
    const [old, slots] = [this.#slots, new Int32Array(length)];
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let slot = (old[from + 1]! * 2) & (length - 2);
      while (slots[slot] !== 0) slot = (slot + 2) & (length - 2);
      slots[slot] = old[from]!;
      slots[slot + 1] = old[from + 1]!;
    }
    this.#slots = slots;
  }
}

/** Decodes ids `first` to `first + count` into words from `to` on. */
function decode(bytes: DataView, starts: Int32Array, first: number, count: number, words: Uint32Array, to: number): void {
  for (let word = 0; word < count * WORDS; word++) {
    const at = starts[first + (word >>> 3)]! + (word & 7) * 8;
    words[to + word] = (fourDigits(bytes.getInt32(at, true)) << 16) | fourDigits(bytes.getInt32(at + 4, true));
  }
}

/** Four ASCII hex digits, the first in the lowest byte, as a number: the value is the low four bits, plus nine for a letter. */
function fourDigits(ascii: number): number {
  const digits = (ascii & 0x0f0f0f0f) + ((ascii >>> 6) & 0x01010101) * 9;
  const pairs = (digits << 4) | (digits >>> 8);
  return ((pairs & 255) << 8) | ((pairs >>> 16) & 255);
}
