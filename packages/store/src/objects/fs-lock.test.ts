import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFsLocks } from './fs-lock.ts';
import { formatMark, ownMark } from './fs-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelops-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const locksIn = async () => (await readdir(folder)).filter((name) => name.startsWith('lock.'));
/** The file of the lock `a`. */
const lockFile = async (): Promise<string> => {
  let name = '';
  await createFsLocks(folder)('a', async () => {
    [name] = (await locksIn()) as [string];
  });
  return join(folder, name);
};

describe('createFsLocks', () => {
  it('lets in one at a time, of one process and its many stores', async () => {
    const stores = [createFsLocks(folder), createFsLocks(folder), createFsLocks(folder)];
    let within = 0;
    let count = 0;
    const enter = async () => {
      expect(++within).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      within--;
      count++;
    };
    await Promise.all(Array.from({ length: 30 }, (_, at) => stores[at % 3]!('a', enter)));
    expect(count).toBe(30);
    expect(await locksIn()).toEqual([]);
  });

  it('keeps no one out of another lock', async () => {
    const withLock = createFsLocks(folder);
    expect(await withLock('a', () => withLock('b', async () => 'both'))).toBe('both');
  });

  it('is given back when the action fails', async () => {
    const withLock = createFsLocks(folder);
    const fail = async () => {
      throw new Error('no');
    };
    await expect(withLock('a', fail)).rejects.toThrow('no');
    expect(await withLock('a', async () => 'next')).toBe('next');
  });

  it('passes over locks whose owners ended, and leaves them', async () => {
    const lock = await lockFile();
    const dead = formatMark({ ...ownMark(), pid: 4194303 });
    await writeFile(lock, dead);
    await writeFile(lock.replace(/0$/, '1'), dead);
    const withLock = createFsLocks(folder);
    for (let at = 0; at < 3; at++) expect(await withLock('a', locksIn)).toHaveLength(3);
    expect(await locksIn()).toHaveLength(2);
  });

  it('waits for an owner in another container, which it cannot ask', async () => {
    const lock = await lockFile();
    await writeFile(lock, formatMark({ ...ownMark(), place: 'container-1' }));
    let entered = false;
    const turn = createFsLocks(folder)('a', async () => {
      entered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(entered).toBe(false);
    await rm(lock);
    await turn;
    expect(entered).toBe(true);
  });
});
