import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { describeObjectStore, describeObjectStoreProcesses, type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureObjectStore } from './azure-object-store.ts';
import { openObjectStore } from './open-object-store.ts';

let azurite: RunningAzurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

/** With retries, as in production: the server may have closed an idle connection, and a single request then fails with ECONNRESET or EPIPE. */
const open = (container = `c-${randomUUID()}`) => openObjectStore(storageOf(container));
const storageOf = (container: string) => ({ provider: 'azure' as const, container, connection_string: azurite.connectionString });

describeObjectStore('azure', () => open());

describeObjectStoreProcesses('azure', {
  open: async () => {
    const storage = storageOf(`c-${randomUUID()}`);
    return { spec: JSON.stringify(storage), store: await openObjectStore(storage) };
  },
  source: `import { openObjectStore } from './open-object-store.ts'; const open = (spec) => openObjectStore(JSON.parse(spec));`,
  folder: import.meta.dirname,
});

describe('createAzureObjectStore', () => {
  it('uploads a large object in blocks and honours its conditions', async () => {
    const store = await open();
    const bytes = new Uint8Array(33 * 2 ** 20).map((_, at) => at % 251);
    const { etag } = (await store.put('large', bytes, { ifAbsent: true })) as { etag: string };
    expect(await store.put('large', bytes, { ifAbsent: true })).toBe('conflict');
    expect(await store.put('large', bytes, { ifMatch: '"0x0"' })).toBe('conflict');
    const held = (await store.get('large'))!;
    expect(held.etag).toBe(etag);
    expect(Buffer.compare(held.bytes, bytes)).toBe(0);
  });

  it('keeps the mark of a conditional put', async () => {
    const store = await open();
    await store.put('marked', new Uint8Array(), { ifAbsent: true, mark: 'm-1' });
    expect(await store.head('marked')).toMatchObject({ mark: 'm-1' });
    await store.put('marked', new Uint8Array());
    expect(await store.head('marked')).not.toHaveProperty('mark');
  });

  it('lists more than the 5,000 names of one response, from any of them', async () => {
    const store = await open();
    const keys = Array.from({ length: 5200 }, (_, at) => `many/${String(at).padStart(5, '0')}`);
    for (let at = 0; at < keys.length; at += 100)
      await Promise.all(keys.slice(at, at + 100).map((key) => store.put(key, new Uint8Array())));
    const found: string[] = [];
    for await (const { key } of store.list('many/', { startAfter: keys[99]! })) found.push(key);
    expect(found).toEqual(keys.slice(100));
  });

  it('reports a wrong key as unauthorised', async () => {
    const connection_string = azurite.connectionString.replace(/AccountKey=[^;]*/, `AccountKey=${Buffer.alloc(64).toString('base64')}`);
    const store = await openObjectStore({ ...storageOf('container'), connection_string });
    const error: unknown = await store.get('a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'UNAUTHORISED' });
    expect(inspect(error, { depth: 10 })).not.toMatch(/SharedKey|authorization:/);
  });

  it('reports a stopped server as unreachable, never an object as absent', async () => {
    const gone = await startAzurite();
    await gone.stop();
    const store = createAzureObjectStore({ container: 'container', connection_string: gone.connectionString });
    const outage = { code: 'STORE_UNREACHABLE' };
    await expect(store.get('a')).rejects.toMatchObject(outage);
    await expect(store.head('a')).rejects.toMatchObject(outage);
    await expect(store.put('a', new Uint8Array())).rejects.toMatchObject(outage);
    await expect(store.delete('a')).rejects.toMatchObject(outage);
    await expect(store.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject(outage);
  });

  it('reports missing or malformed configuration', async () => {
    const invalid = { code: 'CONFIG_INVALID' };
    await expect(createAzureObjectStore({ connection_string: azurite.connectionString }).get('a')).rejects.toMatchObject(invalid);
    await expect(createAzureObjectStore({ container: 'c' }).get('a')).rejects.toMatchObject(invalid);
    await expect(createAzureObjectStore({ container: 'container', connection_string: 'nonsense' }).get('a')).rejects.toMatchObject(invalid);
  });
});
