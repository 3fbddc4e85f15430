import { mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFsObjectStore } from './fs-object-store.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-file-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const mtimeOf = async (key: string) => (await stat(join(root, key), { bigint: true })).mtimeNs;
const HOUR_S = 3600;

describe('the modification time of a version that replaces another', () => {
  it.each(['put', 'change'])('is later after a %s, even if the clock went back', async (kind) => {
    const store = createFsObjectStore(root);
    await store.put('a', new Uint8Array([1]));
    const ahead = Date.now() / 1000 + HOUR_S;
    await utimes(join(root, 'a'), ahead, ahead);
    const times = [await mtimeOf('a')];
    const etags = [(await store.head('a'))!.etag];
    for (let at = 0; at < 20; at++) {
      const put = await store.put('a', new Uint8Array([1]), kind === 'put' ? undefined : { ifMatch: etags.at(-1)! });
      etags.push((put as { etag: string }).etag);
      times.push(await mtimeOf('a'));
      expect((await store.head('a'))!.etag).toBe(etags.at(-1));
    }
    for (let at = 1; at < times.length; at++) expect(times[at]! > times[at - 1]!).toBe(true);
    expect(Number(times.at(-1)! - times[0]!)).toBeLessThan(1e9);
  });

  it('is later than that of a version deleted just before', async () => {
    const store = createFsObjectStore(root);
    for (let at = 0; at < 10; at++) {
      await store.put('a', new Uint8Array([1]));
      const before = await mtimeOf('a');
      await store.delete('a');
      await store.put('a', new Uint8Array([1]), { ifAbsent: true });
      expect((await mtimeOf('a')) > before).toBe(true);
    }
  });
});
