import { fork } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf, shortId } from '@modelops/contracts';
import { buildPrograms, makeFolder, PROJECT } from '@modelops/model-host/testing';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOciLayoutProvider } from '../registry/oci-layout-provider.ts';
import { createMemoryProvider } from '../testing/memory-provider.ts';
import { makeProject } from '../testing/projects.ts';
import { ensureLocal } from './ensure-local.ts';
import { pushBundle } from './push-bundle.ts';

beforeAll(buildPrograms);

async function pushed() {
  const provider = createMemoryProvider();
  const projectDir = await makeProject({ ...PROJECT, 'data/large.bin': new Uint8Array(2 ** 20 + 5).fill(3), 'run.sh': '#!/bin/sh\n' });
  chmodSync(join(projectDir, 'run.sh'), 0o755);
  return { provider, cacheDir: makeFolder(), ...(await pushBundle({ projectDir, provider, repository: 'team/epi', tag: 'latest' })) };
}

/** Changes a file of a cached bundle and its entry in the config, as an attacker with write access to the cache would. */
function forge(dir: string, path: string, text: string): void {
  const file = join(dir, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { files: { path: string; size: number; digest: string }[] };
  const entry = config.files.find((one) => one.path === path)!;
  Object.assign(entry, { size: Buffer.byteLength(text), digest: digestOf(text) });
  writeFileSync(join(dir, 'files', path), text);
  writeFileSync(file, JSON.stringify(config));
}

function replaceByLink(file: string): void {
  renameSync(file, `${file}.real`);
  symlinkSync(`${file}.real`, file);
}

describe('ensureLocal', () => {
  it('writes every file unchanged to <cache>/bundles/<digest12>', async () => {
    const { ref, digest, manifest, provider, cacheDir } = await pushed();
    const local = await ensureLocal(ref, { provider, cacheDir });
    expect(local).toEqual({ dir: join(cacheDir, 'bundles', shortId(digest), 'files'), manifest });
    for (const { path, digest: expected } of manifest.files) expect(digestOf(readFileSync(join(local.dir, path)))).toBe(expected);
    expect(statSync(join(local.dir, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(statSync(join(local.dir, 'README.md')).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(cacheDir, 'bundles'))).toEqual([shortId(digest)]);
  });

  it('makes no request to the registry the second time', async () => {
    const { ref, provider, cacheDir } = await pushed();
    const first = await ensureLocal(`registry.example:5000/${ref}`, { provider, cacheDir });
    provider.calls.length = 0;
    expect(await ensureLocal(ref, { provider, cacheDir })).toEqual(first);
    expect(provider.calls).toEqual([]);
  });

  it.each([
    ['a changed file', (dir: string) => writeFileSync(join(dir, 'files/README.md'), 'A m0del.\n')],
    ['a shorter file', (dir: string) => writeFileSync(join(dir, 'files/data/large.bin'), '')],
    ['a missing file', (dir: string) => rmSync(join(dir, 'files/lib'), { recursive: true })],
    ['a manifest that is cut off', (dir: string) => writeFileSync(join(dir, 'manifest.json'), '{"layers":')],
    ['no config', (dir: string) => rmSync(join(dir, 'config.json'))],
    ['a config that lists other files', (dir: string) => forge(dir, 'README.md', 'A forged model.\n')],
    ['a link in place of its manifest', (dir: string) => replaceByLink(join(dir, 'manifest.json'))],
  ])('fetches an entry with %s again', async (_, spoil) => {
    const { ref, provider, cacheDir, digest } = await pushed();
    const { dir } = await ensureLocal(ref, { provider, cacheDir });
    spoil(join(cacheDir, 'bundles', shortId(digest)));
    await ensureLocal(ref, { provider, cacheDir });
    expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('A model.\n');
    expect(statSync(join(dir, 'data/large.bin')).size).toBe(2 ** 20 + 5);
    expect(readdirSync(join(cacheDir, 'bundles'))).toEqual([shortId(digest)]);
  });

  it('leaves nothing behind for a missing bundle, or one that changed in transit', async () => {
    const { ref, provider, cacheDir, uploaded } = await pushed();
    await expect(ensureLocal(ref.replace(/.{4}$/, '0000'), { provider, cacheDir })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    provider.replace(uploaded.find(({ mediaType }) => mediaType.includes('tar'))!.digest, new Uint8Array(10));
    await expect(ensureLocal(ref, { provider, cacheDir })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(ensureLocal(ref.slice(ref.indexOf('@') + 1), { provider, cacheDir })).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
    expect(existsSync(join(cacheDir, 'bundles')) ? readdirSync(join(cacheDir, 'bundles')) : []).toEqual([]);
  });

  it('is safe for concurrent processes', async () => {
    const root = makeFolder();
    const projectDir = await makeProject();
    const { ref, digest } = await pushBundle({
      projectDir,
      provider: createOciLayoutProvider(root),
      repository: 'team/epi',
      tag: 'latest',
    });
    const cacheDir = makeFolder();
    const script = join(fileURLToPath(new URL('../../dist', import.meta.url)), `ensure-${process.pid}.mjs`);
    await build({
      stdin: {
        contents: `
          import { ensureLocal } from './artifact/ensure-local.ts';
          import { createOciLayoutProvider } from './registry/oci-layout-provider.ts';
          process.once('message', async () => {
            const { dir, manifest } = await ensureLocal(${JSON.stringify(ref)}, { provider: createOciLayoutProvider(${JSON.stringify(root)}), cacheDir: ${JSON.stringify(cacheDir)} });
            process.send([dir, manifest.files.length], () => process.exit(0));
          });
          process.send('ready');`,
        resolveDir: fileURLToPath(new URL('..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['modelops-source'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      outfile: script,
      logLevel: 'silent',
    });
    try {
      const children = Array.from({ length: 8 }, () => fork(script));
      const messages = children.map((child) => new Promise((resolve) => child.once('message', resolve)));
      await Promise.all(messages);
      const answers = children.map((child) => new Promise((resolve) => child.once('message', resolve)));
      for (const child of children) child.send('go');
      const expected = [join(cacheDir, 'bundles', shortId(digest), 'files'), 10];
      expect(await Promise.all(answers)).toEqual(Array(8).fill(expected));
      expect(readdirSync(join(cacheDir, 'bundles'))).toEqual([shortId(digest)]);
    } finally {
      rmSync(script);
    }
  });
});
