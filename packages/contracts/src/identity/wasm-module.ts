/** WebAssembly 1.0 assembled by hand: one function `compress` over one page of memory, for digests in words that JavaScript is slow at. */

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

export interface Compression<T> {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly compress: T;
}

/** The function of so many 32-bit integers, without a result, that a body with its locals makes. */
export function instantiate<T>(parameters: number, body: readonly number[]): Compression<T> {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyRuntime<T> }).WebAssembly;
  return new Instance(new Module(moduleBytes(parameters, body))).exports;
}

function moduleBytes(parameters: number, body: readonly number[]): Uint8Array {
  const sized = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes];
  const name = (text: string) => sized([...text].map((character) => character.charCodeAt(0)));
  const sections: [number, number[]][] = [
    [1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(0x7f), 0]], // a type: 32-bit integers, no result
    [3, [1, 0]], // a function of it
    [5, [1, 0, 1]], // a memory of one page
    [7, [2, ...name('memory'), 2, 0, ...name('compress'), 0, 0]],
    [10, [1, ...sized(body)]],
  ];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flatMap(([id, content]) => [id, ...sized(content)])]);
}

/** What the types of Node leave out of WebAssembly, which every Node has. */
interface WebAssemblyRuntime<T> {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Compression<T> };
}
