import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createVersionedStore } from './versioned-store.ts';

interface Counts {
  readonly total: number;
  readonly by: Readonly<Record<string, number>>;
}

const parse = (value: unknown) => value as Counts;
const countOne =
  (who: string) =>
  ({ total, by }: Counts): Counts => ({ total: total + 1, by: { ...by, [who]: (by[who] ?? 0) + 1 } });

const made: string[] = [];
const makeFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelops-records-'));
  made.push(folder);
  return folder;
};
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

const backends: readonly (readonly [string, () => Promise<ObjectStore>])[] = [
  ['memory', async () => createMemoryObjectStore()],
  ['fs', async () => createFsObjectStore(await makeFolder())],
];

describe('createVersionedStore', () => {
  it.each(backends)('loses none of several concurrent updates on %s', async (_name, open) => {
    const records = createVersionedStore(await open(), { parse });
    await records.create('record', { total: 0, by: {} });
    const updater = async (who: string) => {
      for (let at = 0; at < 10; at++) await records.update('record', countOne(who));
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(updater));
    expect((await records.read('record'))?.value).toEqual({ total: 50, by: { a: 10, b: 10, c: 10, d: 10, e: 10 } });
  });

  it('creates a record once', async () => {
    const records = createVersionedStore(createMemoryObjectStore(), { parse });
    const outcomes = await Promise.all([1, 2, 3].map((total) => records.create('record', { total, by: {} })));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });

  it('gives up after 100 lost races', async () => {
    const objects = createMemoryObjectStore();
    const records = createVersionedStore({ ...objects, put: async () => 'conflict' }, { parse, sleep: async () => undefined });
    await objects.put('record', new TextEncoder().encode('{"total":0,"by":{}}'));
    let tries = 0;
    const change = (held: Counts) => {
      tries++;
      return held;
    };
    await expect(records.update('record', change)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(tries).toBe(100);
  });

  it('ends an update with the error of its change, and does not change the record', async () => {
    const records = createVersionedStore(createMemoryObjectStore(), { parse });
    await records.create('record', { total: 1, by: {} });
    const refuse = () => {
      throw new ModelOpsError('ILLEGAL_TRANSITION', 'no');
    };
    await expect(records.update('record', refuse)).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect((await records.read('record'))?.value.total).toBe(1);
  });

  it('distinguishes an absent record from a corrupt one', async () => {
    const objects = createMemoryObjectStore();
    const records = createVersionedStore(objects, { parse });
    expect(await records.read('record')).toBeUndefined();
    expect(await records.update('record', (held) => held)).toBeUndefined();
    await objects.put('record', new TextEncoder().encode('{"total":'));
    await expect(records.read('record')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
