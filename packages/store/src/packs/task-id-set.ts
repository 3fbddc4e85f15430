import type { TaskId } from '@modelops/contracts';
import type { Table } from 'apache-arrow';

const WORDS = 8;
const HEX = 64;
const MAX_LOAD = 0.6;

/** Value of an ASCII hex digit by its code. */
const DIGIT = new Uint8Array(256);
for (let digit = 0; digit < 16; digit++) DIGIT[digit.toString(16).charCodeAt(0)] = digit;

/** A set of task ids at 32 bytes an id and at most 0.6 full: 10,000,000 fit in 640 MB. Whole ids are compared, never a part. */
export class TaskIdSet {
  #words = new Uint32Array(1024 * WORDS);
  #capacity = 1024;
  #size = 0;
  readonly #key = new Uint32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  has(id: TaskId): boolean {
    this.#readText(id);
    return this.#find() >= 0;
  }

  add(id: TaskId): void {
    this.#readText(id);
    this.#insert();
  }

  /** Adds the ids of a text column where `isIncluded`, from its bytes: no string is made. */
  addColumn(table: Table, name: string, isIncluded: (row: number) => boolean): void {
    let row = 0;
    for (const data of table.getChild(name)?.data ?? []) {
      const bytes = data.values as Uint8Array;
      const offsets = data.valueOffsets as Int32Array;
      for (let at = 0; at < data.length; at++, row++) {
        const start = offsets[at]!;
        if (!isIncluded(row) || offsets[at + 1]! - start !== HEX) continue;
        this.#readBytes(bytes, start);
        this.#insert();
      }
    }
  }

  #readText(id: string): void {
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      for (let at = word * 8; at < word * 8 + 8; at++) value = (value << 4) | DIGIT[id.charCodeAt(at)]!;
      this.#key[word] = value;
    }
  }

  #readBytes(bytes: Uint8Array, start: number): void {
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      for (let at = start + word * 8; at < start + word * 8 + 8; at++) value = (value << 4) | DIGIT[bytes[at]!]!;
      this.#key[word] = value;
    }
  }

  /** The place of the key, or −1 − the free place where it belongs. Ids are SHA-256: their first word is hash enough. */
  #find(): number {
    const key = this.#key;
    let slot = key[0]! % this.#capacity;
    for (;;) {
      const at = slot * WORDS;
      if (isFree(this.#words, at)) return -1 - slot;
      let word = 0;
      while (word < WORDS && this.#words[at + word] === key[word]) word++;
      if (word === WORDS) return slot;
      slot = slot + 1 === this.#capacity ? 0 : slot + 1;
    }
  }

  #insert(): void {
    const place = this.#find();
    if (place >= 0) return;
    this.#words.set(this.#key, (-1 - place) * WORDS);
    this.#size++;
    if (this.#size > this.#capacity * MAX_LOAD) this.#grow();
  }

  #grow(): void {
    const old = this.#words;
    this.#capacity *= 2;
    this.#words = new Uint32Array(this.#capacity * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (isFree(old, at)) continue;
      for (let word = 0; word < WORDS; word++) this.#key[word] = old[at + word]!;
      this.#words.set(this.#key, (-1 - this.#find()) * WORDS);
    }
  }
}

/** A slot of zeros is free: no input with an all-zero SHA-256 is known. */
function isFree(words: Uint32Array, at: number): boolean {
  for (let word = 0; word < WORDS; word++) if (words[at + word] !== 0) return false;
  return true;
}
