import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { studyFiles } from './study-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'study-file-'));
});

describe('study file', () => {
  it('holds the pieces one after another', async () => {
    await studyFiles.write(join(folder, 'a'), ['x', 'y', 'z'.repeat(100_000)], { isForced: false });
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe(`xy${'z'.repeat(100_000)}`);
  });

  it('leaves no file behind if writing fails or is interrupted', async () => {
    function* broken() {
      yield 'half';
      throw new Error('broken');
    }
    await expect(studyFiles.write(join(folder, 'a'), broken(), { isForced: false })).rejects.toThrow('broken');
    const aborted = AbortSignal.abort();
    await expect(studyFiles.write(join(folder, 'a'), ['x'], { isForced: false, signal: aborted })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never replaces a file that appeared while it was being written', async () => {
    const path = join(folder, 'a');
    function* slow() {
      writeFileSync(path, 'theirs');
      yield 'ours';
    }
    await expect(studyFiles.write(path, slow(), { isForced: false })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('names a missing folder, and a folder in its place', async () => {
    await expect(studyFiles.check(join(folder, 'no/a'), { isForced: false })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    mkdirSync(join(folder, 'a'));
    await expect(studyFiles.check(join(folder, 'a'), { isForced: true })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
