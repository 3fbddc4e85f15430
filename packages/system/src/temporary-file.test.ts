import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { formatProcess, ownProcess } from './process-identity.ts';
import { removeAbandonedFiles, withFolder, writeTemporaryFile } from './temporary-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelops-temporary-'));
});

it('removes the temporary files of processes that ended, and old ones of other machines, and no others', async () => {
  const ended = formatProcess({ ...ownProcess(), pid: 4194303 });
  const elsewhere = formatProcess({ ...ownProcess(), place: 'machine-2' });
  const kept = await writeTemporaryFile(folder, new Uint8Array(3));
  for (const name of [`write.${ended}.0`, `owner.${ended}.1`, `write.${elsewhere}.0`, `write.${elsewhere}.1`, 'else'])
    writeFileSync(join(folder, name), '');
  const yesterday = Date.now() / 1000 - 25 * 3600;
  utimesSync(join(folder, `write.${elsewhere}.0`), yesterday, yesterday);
  await removeAbandonedFiles(folder);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual(
    [join(folder, 'else'), join(folder, `write.${elsewhere}.1`), kept.path].sort(),
  );
  expect(Number(kept.stat.ino)).toBe(statSync(kept.path).ino);
});

it('makes the folder again when it is deleted meanwhile', async () => {
  const path = join(folder, 'a/b');
  let tries = 0;
  await withFolder(path, async () => {
    if (tries++ === 1) rmSync(join(folder, 'a'), { recursive: true });
    writeFileSync(join(path, 'file'), '');
  });
  expect(tries).toBe(3);
});
