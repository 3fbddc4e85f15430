import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { trimFolder } from './trim-folder.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'modelops-trim-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function fill(): Promise<void> {
  for (let at = 0; at < 10; at++) {
    const file = join(dir, String(at % 3), `f${at}`);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, new Uint8Array(100));
    await utimes(file, at, at);
  }
}

const names = async () =>
  (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);

it('removes the oldest files until the rest is well below the maximum', async () => {
  await fill();
  await trimFolder(dir, 500);
  expect((await names()).sort()).toEqual(['f6', 'f7', 'f8', 'f9']);
});

it('does nothing to a folder below the maximum, or without a folder', async () => {
  await fill();
  await trimFolder(dir, 1000);
  expect(await names()).toHaveLength(10);
  await trimFolder(join(dir, 'none'), 1);
});

it('can run several times at once', async () => {
  await fill();
  await Promise.all(Array.from({ length: 8 }, () => trimFolder(dir, 500)));
  expect((await names()).length).toBeLessThanOrEqual(4);
});
