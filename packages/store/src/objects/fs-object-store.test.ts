import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeObjectStore, describeObjectStoreProcesses } from '@modelops/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createFsObjectStore } from './fs-object-store.ts';

const made: string[] = [];
const makeRoot = async () => {
  const root = await mkdtemp(join(tmpdir(), 'modelops-store-'));
  made.push(root);
  return root;
};
afterEach(async () => {
  for (const root of made.splice(0)) await rm(root, { recursive: true, force: true });
});

const BYTES = new Uint8Array([1, 2, 3]);

describeObjectStore('fs', async () => createFsObjectStore(await makeRoot()));

describeObjectStoreProcesses('fs', {
  open: async () => {
    const spec = await makeRoot();
    return { spec, store: createFsObjectStore(spec) };
  },
  source: `import { createFsObjectStore } from './fs-object-store.ts'; const open = createFsObjectStore;`,
  folder: import.meta.dirname,
});

describe('createFsObjectStore', () => {
  it('leaves no temporary file after any outcome of a put', async () => {
    const root = await makeRoot();
    const store = createFsObjectStore(root);
    const { etag } = (await store.put('a', BYTES)) as { etag: string };
    await store.put('a', BYTES, { ifAbsent: true });
    await store.put('a', BYTES, { ifMatch: 'another' });
    await store.put('a', BYTES, { ifMatch: etag });
    await expect(store.put('a/below', BYTES)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await readdir(join(root, '.tmp'))).filter((name) => !name.startsWith('owner.'))).toEqual([]);
  });

  it('refuses keys inside its reserved folder', async () => {
    const store = createFsObjectStore(await makeRoot());
    await expect(store.put('.tmp/lock', BYTES)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it('reports a name that is too long as invalid, not the store as unreachable', async () => {
    const store = createFsObjectStore(await makeRoot());
    await expect(store.put('n'.repeat(300), BYTES)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await expect(store.get('n'.repeat(300))).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it.each([
    ['folder', 'other objects have keys under it'],
    ['folder/object/below', 'folder/object is an object'],
  ])('explains why %s cannot be written beside an object folder/object', async (key, reason) => {
    const store = createFsObjectStore(await makeRoot());
    await store.put('folder/object', BYTES);
    const refusal = { code: 'CONFLICT', message: expect.stringContaining(reason) };
    for (const condition of [undefined, { ifAbsent: true } as const])
      await expect(store.put(key, BYTES, condition)).rejects.toMatchObject(refusal);
    expect(await store.put(key, BYTES, { ifMatch: 'any' })).toBe('conflict');
  });

  it('removes the folders that a delete leaves empty', async () => {
    const root = await makeRoot();
    const store = createFsObjectStore(root);
    await store.put('a/b/c', BYTES);
    await store.put('a/d', BYTES);
    await store.delete('a/b/c');
    expect(await readdir(join(root, 'a'))).toEqual(['d']);
    await store.delete('a/d');
    expect(await readdir(root)).toEqual(['.tmp']);
  });

  it('puts into a folder that other writers empty at the same time', async () => {
    const root = await makeRoot();
    const store = createFsObjectStore(root);
    const churn = async (name: string) => {
      for (let at = 0; at < 40; at++) {
        await store.put(`x/y/${name}`, BYTES);
        await store.delete(`x/y/${name}`);
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(churn));
    expect((await readdir(root)).filter((name) => name !== '.tmp')).toEqual([]);
  });

  it('does not treat a root that is a file as an empty store', async () => {
    const file = join(await makeRoot(), 'file');
    await writeFile(file, 'x');
    const store = createFsObjectStore(file);
    const refusal = { code: 'STORE_UNWRITABLE', message: expect.stringContaining(file) };
    await expect(store.put('a', BYTES)).rejects.toMatchObject(refusal);
    await expect(store.get('a')).rejects.toMatchObject(refusal);
    await expect(store.head('a')).rejects.toMatchObject(refusal);
    await expect(store.delete('a')).rejects.toMatchObject(refusal);
    await expect(store.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject(refusal);
  });

  it('is empty if its root does not exist, and makes it at the first write', async () => {
    const store = createFsObjectStore(join(await makeRoot(), 'not', 'yet'));
    expect(await store.get('a')).toBeUndefined();
    await store.put('a', BYTES);
    expect((await store.get('a'))!.bytes).toEqual(BYTES);
  });
});
