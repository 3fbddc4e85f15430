import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStoreLike } from './object-store-like.ts';
import { buildProgram, type TestProgram } from './programs.ts';

export interface StoreForProcesses {
  readonly store: ObjectStoreLike;
  /** Argument with which another process opens the same store. */
  readonly spec: string;
}

export interface ProcessesOptions {
  /** Opens a new, empty store. */
  readonly open: () => Promise<StoreForProcesses>;
  /** TypeScript that defines `const open = (spec: string) => ObjectStore` or a promise of it, with imports relative to `folder`. */
  readonly source: string;
  readonly folder: string;
}

const WRITERS = 8;
const KEYS = 25;

/** Each writer announces that it is ready, waits for the others, puts its name under every key and prints the keys that it won. */
const RACE = `
const [spec, name, kind] = process.argv.slice(2);
const store = await open(spec);
const encode = (text) => new TextEncoder().encode(text);
const versions = [];
for (let at = 0; at < ${KEYS}; at++) versions.push(kind === 'change' ? { ifMatch: (await store.head('race/' + at)).etag } : { ifAbsent: true });
await store.put('ready/' + name, encode(name));
const countReady = async () => {
  let count = 0;
  for await (const _ of store.list('ready/')) count++;
  return count;
};
while ((await countReady()) < ${WRITERS}) await new Promise((resolve) => setTimeout(resolve, 5));
const won = [];
for (let at = 0; at < ${KEYS}; at++) if ((await store.put('race/' + at, encode(name), versions[at])) !== 'conflict') won.push(at);
console.log(JSON.stringify(won));
`;

/** The promises of an `ObjectStore` between processes. */
export function describeObjectStoreProcesses(name: string, { open, source, folder }: ProcessesOptions): void {
  describe(`ObjectStore contract between processes: ${name}`, () => {
    let program: TestProgram;
    beforeAll(async () => {
      program = await buildProgram(`${source}\n${RACE}`, folder);
    });
    afterAll(() => program.remove());

    it.each(['create', 'change'])('lets exactly one of many processes %s a key', async (kind) => {
      const { store, spec } = await open();
      for (let at = 0; kind === 'change' && at < KEYS; at++) await store.put(`race/${at}`, new TextEncoder().encode('before'));
      const names = Array.from({ length: WRITERS }, (_, at) => `writer-${at}`);
      const won = await Promise.all(names.map(async (writer) => JSON.parse(await program.run(spec, writer, kind)) as number[]));
      for (let at = 0; at < KEYS; at++) {
        const winners = names.filter((_, writer) => won[writer]!.includes(at));
        expect(winners).toHaveLength(1);
        expect(new TextDecoder().decode((await store.get(`race/${at}`))!.bytes)).toBe(winners[0]);
      }
    });
  });
}
