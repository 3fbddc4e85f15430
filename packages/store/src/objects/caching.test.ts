import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeObjectStore } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caching } from './caching.ts';
import { createFsObjectStore } from './fs-object-store.ts';
import { createMemoryObjectStore } from './memory-object-store.ts';
import type { ObjectStore } from './object-store.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-caching-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const BYTES = new TextEncoder().encode('bytes');
const isImmutable = (key: string) => key.startsWith('packs/');
const makeDir = () => mkdtemp(join(root, 'dir-'));

/** A store and the keys that were requested from it. */
async function open() {
  const memory = createMemoryObjectStore();
  const requested: string[] = [];
  const get: ObjectStore['get'] = (key, range) => {
    requested.push(key);
    return memory.get(key, range);
  };
  const dir = await makeDir();
  return { memory, requested, dir, store: caching({ ...memory, get }, { dir, isImmutable }) };
}

async function entriesOf(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describeObjectStore('caching(fs), all keys immutable', async () =>
  caching(createFsObjectStore(await makeDir()), { dir: await makeDir(), isImmutable: () => true }),
);

describe('caching', () => {
  it('requests an immutable object once from the store', async () => {
    const { memory, requested, store } = await open();
    await memory.put('packs/a', BYTES);
    const first = await store.get('packs/a');
    expect(await store.get('packs/a')).toEqual(first);
    expect(new TextDecoder().decode((await store.get('packs/a', { start: 1, end: 3 }))!.bytes)).toBe('yt');
    expect(requested).toEqual(['packs/a']);
  });

  it('requests mutable and absent objects each time', async () => {
    const { memory, requested, store } = await open();
    await memory.put('state', BYTES);
    for (const key of ['state', 'state', 'packs/none', 'packs/none']) await store.get(key);
    expect(requested).toHaveLength(4);
    await memory.put('packs/none', BYTES);
    expect((await store.get('packs/none'))!.bytes).toEqual(BYTES);
  });

  it('reports the existence of objects from the store, not from its folder', async () => {
    const { memory, store } = await open();
    await memory.put('packs/a', BYTES);
    await store.get('packs/a');
    await memory.delete('packs/a');
    expect(await store.head('packs/a')).toBeUndefined();
    for await (const { key } of store.list('')) expect(key).toBe('nothing');
  });

  it('does not cache damaged bytes', async () => {
    const { memory, requested } = await open();
    const get: ObjectStore['get'] = (key, range) => {
      requested.push(key);
      return memory.get(key, range);
    };
    const store = caching({ ...memory, get }, { dir: await makeDir(), isImmutable, isSound: (_, bytes) => bytes.length === BYTES.length });
    await memory.put('packs/a', BYTES.subarray(1));
    await store.get('packs/a');
    await memory.put('packs/a', BYTES);
    for (let time = 0; time < 3; time++) expect((await store.get('packs/a'))!.bytes).toEqual(BYTES);
    expect(requested).toHaveLength(2);
  });

  it('keeps its folder within its maximum size while 8 caches read at once', async () => {
    const memory = createMemoryObjectStore();
    const keys = Array.from({ length: 600 }, (_, at) => `packs/${at}`);
    for (const key of keys) await memory.put(key, new Uint8Array(1000));
    const dir = await makeDir();
    const stores = Array.from({ length: 8 }, (_, at) => caching(memory, { dir, isImmutable, maxBytes: 50_000, random: () => at / 8 }));
    await Promise.all(
      stores.map(async (store) => {
        for (const key of keys) expect((await store.get(key))!.bytes).toHaveLength(1000);
      }),
    );
    expect((await entriesOf(dir)).length).toBeLessThan(600);
  });

  it('does not cache a part as the whole', async () => {
    const { memory, store } = await open();
    await memory.put('packs/a', BYTES);
    await store.get('packs/a', { start: 0, end: 2 });
    expect((await store.get('packs/a'))!.bytes).toEqual(BYTES);
  });

  it.each([
    ['cut short', (entry: Buffer) => entry.subarray(0, -2)],
    ['empty', () => Buffer.alloc(0)],
    ['altered', (entry: Buffer) => Buffer.concat([entry.subarray(0, -1), Buffer.from('X')])],
    ['with another etag', (entry: Buffer) => Buffer.concat([entry.subarray(0, 64), Buffer.from('9'), entry.subarray(64)])],
  ])('reads an entry again that is %s', async (_what, spoil) => {
    const { memory, store, dir } = await open();
    await memory.put('packs/a', BYTES);
    const held = await store.get('packs/a');
    const [entry] = (await entriesOf(dir)) as [string];
    await writeFile(entry, spoil(await readFile(entry)));
    expect(await store.get('packs/a')).toEqual(held);
  });

  it('removes an object from the cache when it is deleted', async () => {
    const { memory, store } = await open();
    await memory.put('packs/a', BYTES);
    await store.get('packs/a');
    await store.delete('packs/a');
    expect(await store.get('packs/a')).toBeUndefined();
  });

  it('returns the object if its folder cannot be made', async () => {
    const file = join(await makeDir(), 'file');
    await writeFile(file, '');
    const memory = createMemoryObjectStore();
    await memory.put('packs/a', BYTES);
    expect((await caching(memory, { dir: file, isImmutable }).get('packs/a'))!.bytes).toEqual(BYTES);
  });
});
