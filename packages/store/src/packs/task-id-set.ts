import type { TaskId } from '@modelops/contracts';

const WORDS = 8;
const HEX = 64;
/** Ids a block: 2 MiB. Blocks are never moved, so growing copies no id. */
const BLOCK = 65_536;
const MAX_LOAD = 0.5;

/**
 * A set of task ids that numbers them in the order in which they came: 32 bytes an id and 8 to 16 for finding it, so that 10,000,000 take
 * 450 MB. Whole ids are compared, never a part.
 */
export class TaskIdSet {
  readonly #blocks: Uint32Array[] = [];
  /** Open addressing: 1 + the number of an id, or 0 where free. */
  #slots = new Int32Array(1024);
  #size = 0;
  readonly #key = new Uint32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  has(id: TaskId): boolean {
    return this.indexOf(id) >= 0;
  }

  /** {@link has} for an id as its eight words, the highest first. */
  hasWords(words: Uint32Array): boolean {
    this.#key.set(words);
    return this.#slots[this.#find()]! > 0;
  }

  /** The number of an id, −1 when it is not there. */
  indexOf(id: TaskId): number {
    this.#readText(id);
    return this.#slots[this.#find()]! - 1;
  }

  /** The id's number: `size` as it was before, if the id is new. */
  add(id: TaskId): number {
    this.#readText(id);
    return this.#insert();
  }

  /** {@link add} for the 64 hex digits that begin at `start`: no string is made. */
  addBytes(bytes: DataView, start: number): number {
    const key = this.#key;
    for (let word = 0; word < WORDS; word++) {
      const at = start + word * 8;
      key[word] = (fourDigits(bytes.getInt32(at, true)) << 16) | fourDigits(bytes.getInt32(at + 4, true));
    }
    return this.#insert();
  }

  #readText(id: string): void {
    const key = this.#key;
    if (id.length !== HEX) throw new RangeError(`${id} is no task id`);
    for (let word = 0, at = 0; word < WORDS; word++) {
      let value = 0;
      for (const end = at + 8; at < end; at++) {
        const code = id.charCodeAt(at);
        value = (value << 4) | ((code & 15) + 9 * (code >> 6));
      }
      key[word] = value;
    }
  }

  /** The slot of the key, or the free one where it belongs. Ids are SHA-256: their first word is hash enough. */
  #find(): number {
    const key = this.#key;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = key[0]! & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (number < 0) return slot;
      const block = this.#blocks[Math.floor(number / BLOCK)]!;
      const at = (number % BLOCK) * WORDS;
      let word = 0;
      while (word < WORDS && block[at + word] === key[word]) word++;
      if (word === WORDS) return slot;
    }
  }

  #insert(): number {
    const slot = this.#find();
    const held = this.#slots[slot]!;
    if (held > 0) return held - 1;
    const number = this.#size++;
    if (number % BLOCK === 0) this.#blocks.push(new Uint32Array(BLOCK * WORDS));
    this.#blocks[Math.floor(number / BLOCK)]!.set(this.#key, (number % BLOCK) * WORDS);
    this.#slots[slot] = this.#size;
    if (this.#size > this.#slots.length * MAX_LOAD) this.#grow();
    return number;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#blocks[Math.floor(number / BLOCK)]![(number % BLOCK) * WORDS]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** Four ASCII hex digits, the first in the lowest byte, as a number: a digit is its low four bits, a letter's are nine too few. */
function fourDigits(ascii: number): number {
  const digits = (ascii & 0x0f0f0f0f) + ((ascii >>> 6) & 0x01010101) * 9;
  const pairs = (digits << 4) | (digits >>> 8);
  return ((pairs & 255) << 8) | ((pairs >>> 16) & 255);
}
