/** WebAssembly with vectors assembled by hand: one function `compress` over one page of memory, for digests in words that JavaScript is slow at. */

/** Bytes of instructions, nested as they were put together. */
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
/** From `address` on, counted from what is on the stack where `base` puts it there. */
export const load = (address: number, base: Code = [0x41, 0]): Code => [base, simd(0x00), 4, unsigned(address)];
export const store = (address: number, value: Code): Code => [0x41, 0, value, simd(0x0b), 4, unsigned(address)];
/** The sixteen bytes of a vector, by their places in the two on the stack, counted through both. */
export const shuffle = (bytes: Code): Code => [simd(0x0d), bytes];

/** Runs a body again while the local, which the step is added to after each run, is below `end`. */
export function repeat(local: number, step: number, end: number, body: Code): Code {
  const isBelow = [get(local), 0x41, signed(step), 0x6a, tee(local), 0x41, signed(end), 0x49];
  return [0x03, 0x40, body, isBelow, 0x0d, 0, 0x0b];
}

export interface Compression<T> {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly compress: T;
}

/** The function of so many 32-bit integers, without a result, that a body with its locals makes. */
export function instantiate<T>(parameters: number, body: Code): Compression<T> {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyRuntime<T> }).WebAssembly;
  return new Instance(new Module(moduleBytes(parameters, body))).exports;
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

/** What the types of Node leave out of WebAssembly, which every Node has. */
interface WebAssemblyRuntime<T> {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Compression<T> };
}
