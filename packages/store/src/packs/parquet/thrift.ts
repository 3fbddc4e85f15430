/** The part of Thrift's compact protocol that Parquet's headers and footer are written in. Whole numbers are 0 … 2^53−1. */
const TYPE = { true: 1, false: 2, i8: 3, i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const;

/** A field to write: its number, and a value of one of the protocol's types. Fields stand in ascending order of number. */
export type ThriftField = readonly [id: number, value: ThriftValue];
export type ThriftValue =
  | { readonly i8: number }
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly bool: boolean }
  | { readonly struct: readonly ThriftField[] }
  /** Of one type; not empty unless of structs. */
  | { readonly list: readonly ThriftValue[] };

export function encodeThrift(fields: readonly ThriftField[]): Uint8Array {
  const out: number[] = [];
  writeStruct(out, fields);
  return Uint8Array.from(out);
}

function writeStruct(out: number[], fields: readonly ThriftField[]): void {
  let last = 0;
  for (const [id, value] of fields) {
    out.push(((id - last) << 4) | typeOf(value));
    last = id;
    if (!('bool' in value)) writeValue(out, value);
  }
  out.push(0);
}

function typeOf(value: ThriftValue): number {
  if ('bool' in value) return value.bool ? TYPE.true : TYPE.false;
  return TYPE[Object.keys(value)[0] as keyof typeof TYPE];
}

function writeValue(out: number[], value: ThriftValue): void {
  if ('i8' in value) out.push(value.i8);
  else if ('i32' in value) writeVarint(out, value.i32 * 2);
  else if ('i64' in value) writeVarint(out, value.i64 * 2);
  else if ('struct' in value) writeStruct(out, value.struct);
  else if ('text' in value) {
    const bytes = Buffer.from(value.text, 'utf8');
    writeVarint(out, bytes.length);
    for (const byte of bytes) out.push(byte);
  } else if ('list' in value) {
    const type = value.list.length === 0 ? TYPE.struct : typeOf(value.list[0]!);
    if (value.list.length < 15) out.push((value.list.length << 4) | type);
    else {
      out.push(0xf0 | type);
      writeVarint(out, value.list.length);
    }
    for (const item of value.list) writeValue(out, item);
  }
}

/** Seven bits a byte, lowest first. */
export function writeVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}

/** What was read: fields by number. */
export type ThriftStruct = ReadonlyMap<number, unknown>;

/** Reads bytes from a place on. @throws RangeError past the end or on a type that Parquet does not use. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError(`the data ends at byte ${this.bytes.length}`);
    return byte;
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new RangeError(`the data ends at byte ${this.bytes.length}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      if (factor > 2 ** 56) throw new RangeError('a number has too many bytes');
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  struct(): ThriftStruct {
    const fields = new Map<number, unknown>();
    let id = 0;
    for (;;) {
      const head = this.byte();
      if (head === 0) return fields;
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4);
      const type = head & 15;
      fields.set(id, type === TYPE.true || type === TYPE.false ? type === TYPE.true : this.#value(type));
    }
  }

  #value(type: number): unknown {
    switch (type) {
      case TYPE.true:
      case TYPE.false:
        return this.byte() === TYPE.true;
      case TYPE.i8:
        return this.byte();
      case 4:
      case TYPE.i32:
      case TYPE.i64:
        return this.zigzag();
      case 7:
        return this.take(8);
      case TYPE.text:
        return this.take(this.varint());
      case TYPE.list: {
        const head = this.byte();
        const size = head >> 4 === 15 ? this.varint() : head >> 4;
        return Array.from({ length: Math.min(size, this.bytes.length) }, () => this.#value(head & 15));
      }
      case TYPE.struct:
        return this.struct();
      default:
        throw new RangeError(`type ${type} is not one that Parquet uses`);
    }
  }
}
