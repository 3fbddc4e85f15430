import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openObjectStore } from './open-object-store.ts';

let azurite: RunningAzurite;
let root: string;
beforeAll(async () => {
  [azurite, root] = await Promise.all([startAzurite(), mkdtemp(join(tmpdir(), 'modelops-open-'))]);
});
afterAll(() => Promise.all([azurite.stop(), rm(root, { recursive: true, force: true })]));

describe('openObjectStore', () => {
  it.each(['fs', 'azure'] as const)('opens the same %s store twice', async (provider) => {
    const storage =
      provider === 'fs'
        ? { provider, path: root }
        : { provider, container: `c-${randomUUID()}`, connection_string: azurite.connectionString };
    await (await openObjectStore(storage)).put('a/b', new Uint8Array([1, 2]), { ifAbsent: true });
    const store = await openObjectStore(storage);
    expect((await store.get('a/b'))!.bytes).toEqual(new Uint8Array([1, 2]));
    expect(await store.put('a/b', new Uint8Array(), { ifAbsent: true })).toBe('conflict');
  });

  it('names a missing field', async () => {
    await expect(openObjectStore({ provider: 'fs' })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: 'storage.path is missing' });
    const store = await openObjectStore({ provider: 'azure', connection_string: azurite.connectionString });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: 'storage.container is missing' });
  });
});
