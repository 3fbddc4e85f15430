/** An assembler for a WebAssembly module with vector instructions: one function `compress` and one page of memory. */

/** Bytes of instructions, nested as they were composed. */
export type Code = readonly (number | Code)[];

export const get = (local: number) => [0x20, local];
export const set = (local: number) => [0x21, local];
export const tee = (local: number) => [0x22, local];

/** LEB128; below 64 it reads the same signed. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** LEB128 of a 32-bit integer with a sign. */
export function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

// Instructions on vectors of 128 bits.
export const simd = (instruction: number) => [0xfd, ...unsigned(instruction)];
/** Loads the vector at `address`, relative to `base` if given. */
export const load = (address: number, base: Code = [0x41, 0]): Code => [base, simd(0x00), 4, unsigned(address)];
export const store = (address: number, value: Code): Code => [0x41, 0, value, simd(0x0b), 4, unsigned(address)];
/** A vector of sixteen bytes of the two on the stack; the bytes of the second are numbers 16 to 31. */
export const shuffle = (bytes: Code): Code => [simd(0x0d), bytes];

/** Adds `step` to the local after each run of the body, and repeats the body while the local is below `end`. */
export function repeat(local: number, step: number, end: number, body: Code): Code {
  const isBelow = [get(local), 0x41, signed(step), 0x6a, tee(local), 0x41, signed(end), 0x49];
  return [0x03, 0x40, body, isBelow, 0x0d, 0, 0x0b];
}

export interface Compression<T> {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly compress: T;
}

/** Compiles a function of `parameters` 32-bit integers and no result. `body` begins with its locals. */
export function instantiate<T>(parameters: number, body: Code): Compression<T> {
  const module = new WebAssembly.Module(moduleBytes(parameters, body));
  return new WebAssembly.Instance<Compression<T>>(module).exports;
}

function moduleBytes(parameters: number, body: Code): Uint8Array {
  const flat = (code: Code) => (code as unknown[]).flat(Number.POSITIVE_INFINITY) as number[];
  const sized = (code: Code) => {
    const bytes = flat(code);
    return [unsigned(bytes.length), bytes];
  };
  const name = (text: string) => sized([...text].map((character) => character.charCodeAt(0)));
  const sections: [number, Code][] = [
    [1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(0x7f), 0]], // a type: 32-bit integers, no result
    [3, [1, 0]], // a function of it
    [5, [1, 0, 1]], // a memory of one page
    [7, [2, name('memory'), 2, 0, name('compress'), 0, 0]],
    [10, [1, sized(body)]],
  ];
  return Uint8Array.from(flat([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, sections.map(([id, content]) => [id, sized(content)])]));
}

/** Every Node has it; the types of Node 20 do not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new <Exports>(module: object) => { readonly exports: Exports };
};
