import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFileAtomically, writeFileAtomically, writeFileAtomicallySync } from './atomic-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelops-atomic-'));
});
const text = (path: string) => readFileSync(path, 'utf8');

describe('writeFileAtomically', () => {
  it('makes the folder, writes the pieces in order and replaces the file', async () => {
    const path = join(folder, 'a/b/file');
    await writeFileAtomically(path, 'old');
    await writeFileAtomically(path, ['n', new TextEncoder().encode('e'), 'w']);
    expect(text(path)).toBe('new');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file']);
  });

  it('gives the file its mode', async () => {
    const path = join(folder, 'secret');
    await writeFileAtomically(path, 'x', { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps the old file, and leaves no temporary file, when a piece fails or the signal is aborted', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    function* broken() {
      yield 'half';
      throw new Error('broken');
    }
    await expect(writeFileAtomically(path, broken())).rejects.toThrow('broken');
    await expect(writeFileAtomically(path, 'x', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect([text(path), readdirSync(folder)]).toEqual(['old', ['file']]);
  });

  it('writes a file with the longest name that a file system accepts', async () => {
    const path = join(folder, 'n'.repeat(255));
    await writeFileAtomically(path, 'x');
    expect(text(path)).toBe('x');
  });
});

describe('writeFileAtomicallySync', () => {
  it('replaces the file and leaves no temporary file', () => {
    const path = join(folder, 'file');
    writeFileAtomicallySync(path, 'old');
    writeFileAtomicallySync(path, 'new');
    expect([text(path), readdirSync(folder)]).toEqual(['new', ['file']]);
  });
});

describe('createFileAtomically', () => {
  it('never replaces a file, even one that was created while it was writing', async () => {
    const path = join(folder, 'file');
    function* slow() {
      writeFileSync(path, 'theirs');
      yield 'ours';
    }
    await expect(createFileAtomically(path, slow())).rejects.toMatchObject({ code: 'EEXIST' });
    expect([text(path), readdirSync(folder)]).toEqual(['theirs', ['file']]);
  });

  it('lets exactly one of many writers create the file', async () => {
    const path = join(folder, 'file');
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, writer) => createFileAtomically(path, `${writer}`)));
    const winners = outcomes.flatMap(({ status }, writer) => (status === 'fulfilled' ? [String(writer)] : []));
    expect(winners).toEqual([text(path)]);
  });
});
