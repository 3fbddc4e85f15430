import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, isTest, layerViolations, packageOf } from './layer-graph.ts';

const root = new URL('..', import.meta.url).pathname;

/** The workspace packages that each package may import: DESIGN §3. Only tests import the testkit. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contracts: [],
  system: ['contracts'],
  store: ['contracts', 'system'],
  sdk: ['contracts'],
  'model-host': ['contracts', 'sdk', 'system'],
  bundle: ['contracts', 'store', 'model-host', 'system', 'cli-kit'],
  worker: ['contracts', 'store', 'sdk', 'bundle', 'model-host', 'system'],
  'cli-kit': ['contracts'],
  report: ['contracts', 'sdk'],
  'cb-cli': ['contracts', 'sdk', 'model-host', 'system', 'cli-kit', 'report'],
  'mops-cli': ['contracts', 'system', 'store', 'sdk', 'model-host', 'bundle', 'worker', 'cli-kit', 'report'],
  testkit: ['contracts'],
};

/** Reached through another package: model-host compiles programs against the exports of the sdk. */
const MAY_REACH: Record<string, readonly string[]> = { bundle: ['sdk'] };

interface Manifest {
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly exports?: Readonly<Record<string, { readonly 'modelops-source'?: string }>>;
}

const manifests = new Map(
  readdirSync(join(root, 'packages')).flatMap((name): [string, Manifest][] => {
    try {
      return [[name, JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))]];
    } catch {
      return []; // not an npm package
    }
  }),
);

const workspace = {
  sources: new Map(
    [...manifests.keys()].flatMap((name) =>
      readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file): [string, string] => [`packages/${name}/src/${file}`, readFileSync(join(root, 'packages', name, 'src', file), 'utf8')]),
    ),
  ),
  entries: new Map(
    [...manifests].flatMap(([name, { exports = {} }]) =>
      Object.entries(exports).flatMap(([subpath, { 'modelops-source': file }]): [string, string][] =>
        file === undefined ? [] : [[`@modelops/${name}${subpath.slice(1)}`, join('packages', name, file)]],
      ),
    ),
  ),
};

describe('docs/architecture.md', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

  it('shows exactly the imports that the table allows', () => {
    const nodes = new Map([...page.matchAll(/^ {2}(\w+)\["([a-z-]+):/gm)].map(([, alias, name]) => [alias!, name!]));
    const drawn = [...page.matchAll(/^ {2}(\w+)\[".*"\](?: --> (.+))?$/gm)].map(([, alias, targets]) => [
      nodes.get(alias!)!,
      (targets?.split(' & ') ?? []).map((target) => nodes.get(target)!).sort(),
    ]);
    const { testkit: _, ...allowed } = MAY_IMPORT;
    expect(Object.fromEntries(drawn)).toEqual(
      Object.fromEntries(Object.entries(allowed).map(([name, others]) => [name, [...others].sort()])),
    );
  });

  it('names only files and folders that exist', () => {
    const named = [
      ...page.matchAll(/`((?:contracts|system|store|sdk|sdk-python|model-host|bundle|worker|cli-kit|report|cb-cli|mops-cli)\/[\w./-]+)`/g),
    ];
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(([, path]) => path!).filter((path) => !existsSync(join(root, 'packages', path)))).toEqual([]);
  });
});

it('places every package in the table', () => {
  expect([...manifests.keys()].filter((name) => !(name in MAY_IMPORT))).toEqual([]);
});

describe.each([...manifests])('package %s', (name, { dependencies, devDependencies }) => {
  const allowed = MAY_IMPORT[name]!;

  it('names in its package.json only packages that the table allows', () => {
    const named = Object.keys({ ...dependencies, ...devDependencies }).flatMap((one) => /^@modelops\/(.+)$/.exec(one)?.[1] ?? []);
    expect(named.filter((other) => ![...allowed, 'testkit'].includes(other))).toEqual([]);
  });

  it('reaches only packages that the table allows', () => {
    expect(layerViolations(name, [...allowed, ...(MAY_REACH[name] ?? [])], workspace)).toEqual([]);
  });

  it('imports the testkit and testing code only in tests', () => {
    const wrong = [...workspace.sources].flatMap(([file, text]) =>
      packageOf(file) !== name
        ? []
        : importsOf(text).flatMap((specifier) => {
            const other = /^@modelops\/([a-z-]+)/.exec(specifier)?.[1];
            const isForTests = other === 'testkit' || specifier.endsWith('/testing');
            const isFine = isForTests ? isTest(file) : other === undefined || other === name || allowed.includes(other);
            return isFine ? [] : [`${file} imports ${specifier}`];
          }),
    );
    expect(wrong).toEqual([]);
  });

  it('has an index that starts with its purpose and what it never does', () => {
    const [first, second] = workspace.sources.get(`packages/${name}/src/index.ts`)!.split('\n');
    expect(first).toMatch(/^\/\/ \S/);
    expect(second).toMatch(/^\/\/ Never /);
  });
});
