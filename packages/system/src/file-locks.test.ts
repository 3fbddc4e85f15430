import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLocks } from './file-locks.ts';
import { formatProcess, ownProcess } from './process-identity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelops-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const locksIn = async () => (await readdir(folder)).filter((name) => name.startsWith('lock.'));
/** The file of the lock `a`. */
const lockFile = async (): Promise<string> => {
  let name = '';
  await createFileLocks(folder)('a', async () => {
    [name] = (await locksIn()) as [string];
  });
  return join(folder, name);
};

describe('createFileLocks', () => {
  it('admits one holder at a time, across the many locks of one process', async () => {
    const locks = [createFileLocks(folder), createFileLocks(folder), createFileLocks(folder)];
    let within = 0;
    let count = 0;
    const enter = async () => {
      expect(++within).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      within--;
      count++;
    };
    await Promise.all(Array.from({ length: 30 }, (_, at) => locks[at % 3]!('a', enter)));
    expect(count).toBe(30);
    expect(await locksIn()).toEqual([]);
  });

  it('does not block another lock', async () => {
    const withLock = createFileLocks(folder);
    expect(await withLock('a', () => withLock('b', async () => 'both'))).toBe('both');
  });

  it('is released when the action fails', async () => {
    const withLock = createFileLocks(folder);
    const fail = async () => {
      throw new Error('no');
    };
    await expect(withLock('a', fail)).rejects.toThrow('no');
    expect(await withLock('a', async () => 'next')).toBe('next');
  });

  it('skips locks whose owners have ended, and keeps them', async () => {
    const lock = await lockFile();
    const dead = formatProcess({ ...ownProcess(), pid: 4194303 });
    await writeFile(lock, dead);
    await writeFile(lock.replace(/0$/, '1'), dead);
    const withLock = createFileLocks(folder);
    for (let at = 0; at < 3; at++) expect(await withLock('a', locksIn)).toHaveLength(3);
    expect(await locksIn()).toHaveLength(2);
  });

  it('waits for an owner in another container', async () => {
    const lock = await lockFile();
    await writeFile(lock, formatProcess({ ...ownProcess(), place: 'container-1' }));
    let entered = false;
    const turn = createFileLocks(folder)('a', async () => {
      entered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(entered).toBe(false);
    await rm(lock);
    await turn;
    expect(entered).toBe(true);
  });

  it('names the owner when it times out', async () => {
    const lock = await lockFile();
    await writeFile(lock, formatProcess(ownProcess()));
    const never = async () => expect.unreachable();
    const waiting = createFileLocks(folder)('a', never, { timeoutMs: 5 });
    await expect(waiting).rejects.toMatchObject({ code: 'ELOCKED', message: expect.stringContaining(`process ${process.pid}`) });
  });
});
