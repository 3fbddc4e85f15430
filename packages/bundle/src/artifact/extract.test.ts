import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@modelops/model-host/testing';
import { describe, expect, it } from 'vitest';
import { type MadeBundle, pushMade } from '../testing/made-bundles.ts';
import { createMemoryProvider } from '../testing/memory-provider.ts';
import { extractBundle } from './extract.ts';

async function extracting(made: MadeBundle): Promise<{ root: string; result: Promise<unknown> }> {
  const provider = createMemoryProvider();
  const digest = await pushMade(provider, made);
  const root = makeFolder();
  mkdirSync(join(root, 'inside'));
  return { root, result: extractBundle(provider, 'team/made', digest, join(root, 'inside')) };
}

const good = { path: 'a.txt', text: 'a' };

describe('extractBundle', () => {
  it.each([
    '../out.txt',
    '/etc/out.txt',
    'a/../../out.txt',
    './x',
    'a//b',
    'back\\slash',
    'nul\0',
    '',
    '.git/hooks/post-checkout',
    '.GIT/config',
    'lib/node_modules/x.js',
    '.modelops-bundle/config.yaml',
    '.modelops-bundle/compiled/.git/x',
  ])('refuses the path %j and writes nothing', async (path) => {
    const { root, result } = await extracting({ listed: [{ path, text: 'x' }], entries: [] });
    await expect(result).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    expect(readdirSync(root)).toEqual(['inside']);
    expect(readdirSync(join(root, 'inside'))).toEqual([]);
  });

  it.each([
    ['symlink', { type: 'symlink', linkname: '/etc/passwd' }],
    ['link', { type: 'link', linkname: 'a.txt' }],
    ['character-device', { type: 'character-device' }],
    ['block-device', { type: 'block-device' }],
    ['fifo', { type: 'fifo' }],
    ['directory', { type: 'directory' }],
  ] as const)('refuses a %s', async (type, header) => {
    const { result } = await extracting({ listed: [good], entries: [{ name: 'a.txt', ...header }] });
    await expect(result).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringContaining(type) });
  });

  it('writes only files in the list, once, with the listed size and digest', async () => {
    for (const entries of [
      [
        { name: 'a.txt', text: 'a' },
        { name: '../evil', text: 'b' },
      ],
      [
        { name: 'a.txt', text: 'a' },
        { name: 'a.txt', text: 'a' },
      ],
      [{ name: 'a.txt', text: 'b' }],
      [{ name: 'a.txt', text: 'aa' }],
      [],
    ]) {
      const { root, result } = await extracting({ listed: [good], entries });
      await expect(result).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
      expect(readdirSync(root)).toEqual(['inside']);
    }
  });

  it('refuses a path that is a file and a folder', async () => {
    const { result } = await extracting({
      listed: [
        { path: 'a', text: 'x' },
        { path: 'a/b', text: 'y' },
      ],
    });
    await expect(result).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  it('drops setuid and other special mode bits', async () => {
    const { root, result } = await extracting({ listed: [good], entries: [{ name: 'a.txt', text: 'a', mode: 0o6777, uid: 7, gid: 7 }] });
    await result;
    expect(statSync(join(root, 'inside/a.txt')).mode & 0o7777).toBe(0o755);
  });

  it('refuses a layer that unpacks to more than its files, before it is unpacked', async () => {
    const bomb = 'x'.repeat(5_000_000);
    for (const entries of [
      [
        { name: 'a.txt', text: 'a' },
        { name: 'bomb', text: bomb },
      ],
      [{ name: 'a.txt', text: 'a', pax: { comment: bomb } }],
      [{ name: 'a.txt', text: bomb }],
    ]) {
      const { result } = await extracting({ listed: [good], entries });
      const error = (await result.catch((reason: unknown) => reason)) as Error;
      expect(error.message).toMatch(/unpacks to more than its files|not in the list of files|in its layer|Header exceeds max size/);
      expect(error).toMatchObject({ code: 'BUNDLE_INVALID' });
    }
  });

  it('refuses sizes and counts beyond its limits from the list, before fetching layers', async () => {
    const huge = await extracting({ listed: [good], sizes: { 'a.txt': 2 ** 40 } });
    await expect(huge.result).rejects.toMatchObject({ message: expect.stringContaining('at most') });
    const wrong = await extracting({ listed: [good], sizes: { 'a.txt': 7 } });
    await expect(wrong.result).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    const negative = await extracting({ listed: [good], sizes: { 'a.txt': -7 } });
    await expect(negative.result).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    const layers = await extracting({ listed: [good], layers: 9 });
    await expect(layers.result).rejects.toMatchObject({ message: expect.stringContaining('9 layers for 1 file') });
    const many = await extracting({ listed: Array.from({ length: 50_001 }, (_, i) => ({ path: `f${i}`, text: '' })), entries: [] });
    await expect(many.result).rejects.toMatchObject({ message: expect.stringContaining('50,001 files, at most 50,000') });
  });

  it('refuses a layer that is truncated or not gzip', async () => {
    for (const damage of [(layer: Buffer) => layer.subarray(0, layer.length - 20), () => Buffer.from('<html>not a layer</html>')]) {
      const { result } = await extracting({ listed: [good], damage });
      await expect(result).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    }
  });
});
