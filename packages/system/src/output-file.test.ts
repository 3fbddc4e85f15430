import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkOutputFile, makeOutputFile, writeOutputFile } from './output-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-file-'));
  path = join(folder, 'a');
});

describe('output file', () => {
  it('contains the pieces one after another', async () => {
    await writeOutputFile(path, ['x', 'y', 'z'.repeat(100_000)], { isForced: false });
    expect(readFileSync(path, 'utf8')).toBe(`xy${'z'.repeat(100_000)}`);
  });

  it('leaves no file behind if writing fails or is interrupted', async () => {
    function* broken() {
      yield 'half';
      throw new Error('broken');
    }
    await expect(writeOutputFile(path, broken(), { isForced: false })).rejects.toThrow('broken');
    const aborted = AbortSignal.abort();
    await expect(writeOutputFile(path, ['x'], { isForced: false, signal: aborted })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not left in part when the process exits while it is written', async () => {
    const { outputFiles } = buildSync({
      stdin: {
        resolveDir: import.meta.dirname,
        contents: `
          import { mkdirSync, writeFileSync } from 'node:fs';
          import { removeOnExit } from './temporary-file.ts';
          removeOnExit('partial');
          removeOnExit('placed')();
          for (const name of ['partial', 'placed']) { mkdirSync(name); writeFileSync(name + '/file', ''); }
          process.exit(130);`,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['modelops-source'],
      write: false,
    });
    const program = outputFiles[0]!.text;
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
    expect(status).toBe(130);
    expect(readdirSync(folder)).toEqual(['placed']);
  });

  it('never replaces a file that appeared while it was being written', async () => {
    function* slow() {
      writeFileSync(path, 'theirs');
      yield 'ours';
    }
    await expect(writeOutputFile(path, slow(), { isForced: false })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('names a missing folder, and a folder in its place', async () => {
    await expect(checkOutputFile(join(folder, 'no/a'), { isForced: false })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    mkdirSync(path);
    await expect(checkOutputFile(path, { isForced: true })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it.each([false, true])('never replaces a pipe or a device, and opens neither (forced: %s)', async (isForced) => {
    execFileSync('mkfifo', [path]);
    symlinkSync(path, join(folder, 'link'));
    for (const [file, kind] of [
      [path, 'pipe'],
      [join(folder, 'link'), 'pipe'],
      ['/dev/null', 'device'],
    ] as const) {
      const message = `${file} is a ${kind}, not a regular file`;
      await expect(writeOutputFile(file, 'x', { isForced })).rejects.toMatchObject({ code: 'CONFLICT', message });
    }
    expect(lstatSync(path).isFIFO()).toBe(true);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(folder)).toEqual(['a', 'link']);
  });

  it('writes the file that a link leads to', async () => {
    writeFileSync(path, 'old');
    symlinkSync('a', join(folder, 'link'));
    await writeOutputFile(join(folder, 'link'), 'new', { isForced: true });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  });

  it('keeps the old file if the new one cannot be made', async () => {
    writeFileSync(path, 'old');
    const failing = makeOutputFile(path, { isForced: true }, async (temporary) => {
      writeFileSync(temporary, 'half');
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    });
    await expect(failing).rejects.toMatchObject({ code: 'STORE_UNWRITABLE', message: `cannot write ${path} (ENOSPC)` });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });
});
