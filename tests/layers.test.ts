import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** Which workspace packages each may import (DESIGN §3). */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contracts: [],
  store: ['contracts'],
  sdk: ['contracts'],
  bundle: ['contracts', 'store', 'cli-kit'],
  worker: ['contracts', 'store', 'sdk', 'bundle'],
  'cli-kit': ['contracts'],
  'cb-cli': ['contracts', 'sdk', 'cli-kit', 'worker'],
  'mops-cli': ['contracts', 'store', 'sdk', 'bundle', 'worker', 'cli-kit'],
  testkit: ['contracts'],
};

/** Files of a package; tests may import the testkit besides. */
function sourcesOf(name: string): { file: string; text: string }[] {
  const dir = join(root, 'packages', name, 'src');
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `packages/${name}/src/${file}`, text: withoutTemplates(readFileSync(join(dir, file), 'utf8')) }));
}

/** Templates hold the sources of models that tests write. */
function withoutTemplates(text: string): string {
  return text.replace(/`(?:\\.|[^`\\])*`/gs, '``');
}

const importsOf = (text: string) =>
  [...text.matchAll(/(?:^(?:import|export)\b[^;']*from|^\} from|import\()\s*'(@modelops\/([a-z-]+)(\/[a-z/-]+)?)'/gm)].map((match) => ({
    name: match[2]!,
    subpath: match[3],
  }));

describe.each(Object.keys(MAY_IMPORT))('package %s', (name) => {
  const allowed = MAY_IMPORT[name]!;
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    dependencies?: object;
    devDependencies?: object;
  };

  it('names in its package.json only packages that the table allows', () => {
    const named = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).flatMap(
      (dependency) => /^@modelops\/(.+)$/.exec(dependency)?.[1] ?? [],
    );
    expect(named.filter((other) => ![...allowed, 'testkit'].includes(other))).toEqual([]);
  });

  it('imports only packages that the table allows, and the testkit in tests alone', () => {
    const wrong = sourcesOf(name).flatMap(({ file, text }) =>
      importsOf(text).flatMap(({ name: other }) => {
        const isTest = /\.test\.ts$|conformance|\/testing\//.test(file);
        return allowed.includes(other) ||
          other === name ||
          (isTest && other === 'testkit') ||
          (name === 'testkit' && text.includes(`import type`))
          ? []
          : [`${file} imports ${other}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('opens its index with what it is for and what it never does', () => {
    const [first, second] = readFileSync(join(root, 'packages', name, 'src', 'index.ts'), 'utf8').split('\n');
    expect(first).toMatch(/^\/\/ \S/);
    expect(second).toMatch(/^\/\/ Never /);
  });
});

describe('the command-line packages', () => {
  it('keep bundles out of cb, and no CLI imports another', () => {
    expect(MAY_IMPORT['cb-cli']).not.toContain('bundle');
    expect(MAY_IMPORT['mops-cli']).not.toContain('cb-cli');
  });
  it('read of the worker only its model hosts, from cb', () => {
    const wrong = sourcesOf('cb-cli').flatMap(({ file, text }) =>
      importsOf(text).flatMap(({ name, subpath }) => (name === 'worker' && subpath !== '/hosts' ? [file] : [])),
    );
    expect(wrong).toEqual([]);
  });
});
