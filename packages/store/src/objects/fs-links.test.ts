import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFsObjectStore } from './fs-object-store.ts';
import type { ObjectStore } from './object-store.ts';

/** Files that a user of the store, or malware, may put into its folder. */
describe('a store folder with foreign files', () => {
  let root: string;
  let outside: string;
  let store: ObjectStore;
  const bytes = new TextEncoder().encode('ours');
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'links-'));
    [root, outside] = [join(folder, 'store'), join(folder, 'outside')];
    mkdirSync(outside);
    writeFileSync(join(outside, 'thesis'), 'private');
    store = createFsObjectStore(root);
    await store.put('jobs/a/state.json', bytes);
  });
  const keys = async (prefix: string) => {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) found.push(key);
    return found;
  };
  const refused = { code: 'STORE_CORRUPT', message: expect.stringMatching(/is a (symbolic link|FIFO|socket|device), not a regular file/) };

  it('never reads, writes, lists or deletes through a link to a folder', async () => {
    symlinkSync(outside, join(root, 'jobs/b'));
    for (const action of [() => store.get('jobs/b/thesis'), () => store.head('jobs/b/thesis'), () => store.put('jobs/b/new', bytes)])
      await expect(action()).rejects.toMatchObject(refused);
    await expect(store.put('jobs/b/deep/er/new', bytes)).rejects.toMatchObject(refused);
    await expect(store.delete('jobs/b/thesis')).rejects.toMatchObject(refused);
    await expect(keys('jobs/b/')).rejects.toMatchObject(refused);
    expect(await keys('jobs/')).toEqual(['jobs/a/state.json', 'jobs/b']);
    expect(readdirSync(outside)).toEqual(['thesis']);
  });

  it('does not read or replace a file through a link, and deletes only the link', async () => {
    symlinkSync(join(outside, 'thesis'), join(root, 'jobs/a/spec.json'));
    const key = 'jobs/a/spec.json';
    for (const action of [() => store.get(key), () => store.head(key), () => store.put(key, bytes)])
      await expect(action()).rejects.toMatchObject(refused);
    await expect(store.put(key, bytes, { ifAbsent: true })).rejects.toMatchObject(refused);
    await store.delete(key);
    expect(await keys('jobs/')).toEqual(['jobs/a/state.json']);
    expect(readFileSync(join(outside, 'thesis'), 'utf8')).toBe('private');
  });

  it('refuses a dangling link and a loop of links', async () => {
    symlinkSync(join(outside, 'nothing'), join(root, 'jobs/a/dangling'));
    symlinkSync('loop', join(root, 'jobs/loop'));
    await expect(store.get('jobs/a/dangling')).rejects.toMatchObject(refused);
    await expect(store.put('jobs/a/dangling', bytes)).rejects.toMatchObject(refused);
    await expect(store.get('jobs/loop/x')).rejects.toMatchObject(refused);
    await expect(store.put('jobs/a/dangling/x', bytes)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
    expect(existsSync(join(outside, 'nothing'))).toBe(false);
  });

  it('does not write a temporary file through a link', async () => {
    const other = join(root, '..', 'other');
    mkdirSync(other);
    symlinkSync(outside, join(other, '.tmp'));
    await expect(createFsObjectStore(other).put('a', bytes)).rejects.toMatchObject(refused);
    expect(readdirSync(outside)).toEqual(['thesis']);
  });

  it('does not wait for a FIFO or open a socket', async () => {
    execFileSync('mkfifo', [join(root, 'jobs/a/spec.json')]);
    const server = createServer().listen(join(root, 'jobs/a/socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    for (const key of ['jobs/a/spec.json', 'jobs/a/socket']) {
      await expect(store.get(key)).rejects.toMatchObject(refused);
      await expect(store.put(key, bytes)).rejects.toMatchObject(refused);
      expect(await keys('jobs/')).toContain(key);
    }
    await store.delete('jobs/a/spec.json');
    expect(existsSync(join(root, 'jobs/a/spec.json'))).toBe(false);
    server.close();
  });

  it('skips names that are not valid in a key', async () => {
    for (const name of ['back\\slash', 'bell\u0007', 'dot.', 'line\nbreak']) {
      mkdirSync(join(root, 'jobs', name));
      writeFileSync(join(root, 'jobs', name, 'state.json'), '');
      writeFileSync(join(root, 'jobs', `file-${name}`), '');
    }
    expect(await keys('')).toEqual(['jobs/a/state.json']);
  });

  it('may itself be a link', async () => {
    symlinkSync(root, join(outside, 'store'));
    const linked = createFsObjectStore(join(outside, 'store'));
    await linked.put('jobs/c/state.json', bytes);
    expect((await linked.get('jobs/a/state.json'))!.bytes).toEqual(bytes);
    expect(lstatSync(join(root, 'jobs/c/state.json')).isFile()).toBe(true);
  });
});
