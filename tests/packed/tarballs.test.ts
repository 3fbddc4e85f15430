import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolder, pack, published, readManifest, root, unpack } from './pack.ts';

const folder = openFolder();
const unpacked = new Map<string, string>();
afterAll(folder.remove);

beforeAll(async () => {
  const tarballs = await pack(published, join(folder.dir, 'tarballs'));
  for (const [index, name] of published.entries()) unpacked.set(name, await unpack(tarballs[index]!, join(folder.dir, name)));
});

const filesOf = (name: string) => readdirSync(unpacked.get(name)!, { recursive: true, encoding: 'utf8' });

/** Packages with programs that start Python hosts: each contains the whole Python package `modelops`. */
const startsPython = new Set(['bundle', 'cb-cli', 'mops-cli', 'worker']);
const pythonSource = join(root, 'packages/sdk-python/src/modelops');
const pythonFiles = readdirSync(pythonSource, { recursive: true, encoding: 'utf8' })
  .filter((file) => !file.includes('__pycache__') && !statSync(join(pythonSource, file)).isDirectory())
  .map((file) => `dist/python/modelops/${file}`);

/** The packages that a built file imports, statically or dynamically. */
function importsOf(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\b[^;'"]*?(?:\bfrom )?["']([^"']+)["'];$|\bawait import\(["']([^"']+)["']\)/gm);
  const names = [...statements].map(([, now, later]) => (now ?? later)!).filter((name) => !/^(\.|node:)/.test(name));
  return names.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]).filter((name) => !builtinModules.includes(name));
}

describe.each(published)('the tarball of %s', (name) => {
  it('contains its licence, its README and the licences of the bundled libraries', () => {
    const text = (file: string) => readFileSync(join(unpacked.get(name)!, file), 'utf8');
    expect(text('LICENSE')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
    expect(text('README.md')).toContain(readManifest(unpacked.get(name)!).name);
    expect(text('dist/THIRD-PARTY.txt')).toMatch(/licen[cs]e/i);
  });

  it('contains programs, declarations and, where it starts Python, the package modelops, and no other files', () => {
    const files = filesOf(name).filter((file) => !statSync(join(unpacked.get(name)!, file)).isDirectory());
    const expected = /^(package\.json|LICENSE|README\.md|NOTICE\.md|dist\/THIRD-PARTY\.txt|dist\/index\.d\.ts|dist\/.*\.js)$/;
    const unexpected = files.filter((file) => !expected.test(file) || /\.test\b/.test(file));
    expect(unexpected.sort()).toEqual(startsPython.has(name) ? pythonFiles.toSorted() : []);
  });

  it('imports only its declared dependencies, and no workspace packages', () => {
    const { dependencies = {} } = readManifest(unpacked.get(name)!);
    expect(Object.entries(dependencies).filter(([, version]) => !/^\d/.test(version))).toEqual([]);
    const programs = filesOf(name).filter((file) => file.endsWith('.js'));
    const imported = new Set(programs.flatMap((file) => importsOf(readFileSync(join(unpacked.get(name)!, file), 'utf8'))));
    expect([...imported].filter((other) => !(other in dependencies))).toEqual([]);
  });

  it('contains every file that its exports name, except sources', () => {
    const { exports } = readManifest(unpacked.get(name)!);
    const named = Object.values(exports).flatMap((conditions) =>
      Object.entries(conditions).flatMap(([condition, file]) => (condition === 'modelops-source' ? [] : [join(file)])),
    );
    expect(named.filter((file) => !filesOf(name).includes(file))).toEqual([]);
  });

  it('contains programs that a shell can start', () => {
    for (const file of Object.values(readManifest(unpacked.get(name)!).bin ?? {})) {
      const path = join(unpacked.get(name)!, file);
      expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node');
      expect(statSync(path).mode & 0o111).toBe(0o111);
    }
  });
});

it('no two packages contain the same program', () => {
  const programs = published.flatMap((name) => Object.keys(readManifest(join(root, 'packages', name)).bin ?? {}));
  expect(programs.sort()).toEqual(['cb', 'modelops-bundle', 'mops', 'mops-worker']);
});
