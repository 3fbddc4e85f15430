import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const packages = new URL('../packages', import.meta.url).pathname;

const STATIC = /^(?:import|export|\})[^;\n]*?["'](\.\/[^"']+)["'];$/gm;
const ANY = /["'](\.\/chunk-[^"']+)["']/g;

/** A built program and every chunk that it imports at start-up, or ever, by name. */
function chunksOf(program: string, imports = STATIC): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    const text = readFileSync(file, 'utf8');
    files.set(file, text);
    for (const [, chunk] of text.matchAll(imports)) visit(join(dirname(file), chunk!));
  };
  visit(program);
  return files;
}

/** The sources inlined in the code that a program loads at start-up. */
function loadedAtStart(program: string): string[] {
  return [...chunksOf(program).values()].flatMap((text) => [...text.matchAll(/^\/\/ (\S+\.[mc]?[jt]s)$/gm)].map(([, source]) => source!));
}

describe('the code that a program loads before it selects its command', () => {
  it.each(['cb-cli/dist/cb.js', 'mops-cli/dist/mops.js', 'bundle/dist/modelops-bundle.js'])(
    '%s: no schemas, commands or stores',
    (program) => {
      const sources = loadedAtStart(join(packages, program));
      expect(sources.some((source) => source.endsWith('src/main.ts'))).toBe(true);
      expect(
        sources.filter((source) =>
          /\/zod\/|\/(store|model-host|worker)\/src|\/commands\/(?!\S*-commands)|\/contracts\/src\/(?!errors|format-count)/.test(source),
        ),
      ).toEqual([]);
    },
  );
});

it.each(['cb-cli/dist/cb.js', 'mops-cli/dist/mops.js', 'mops-cli/dist/mops-worker.js', 'mops-cli/dist/local-supervisor.js'])(
  "%s imports none of Node's own modules: an import of node:fs loads node:stream, 5 ms",
  (program) => {
    const texts = [...chunksOf(join(packages, program)).values()];
    expect(texts.filter((text) => text.includes('process.getBuiltinModule("node:')).length).toBeGreaterThan(0);
    expect(texts.flatMap((text) => text.match(/^import [^;]* from "node:.*/gm) ?? [])).toEqual([]);
  },
);

// Started for each job, worker or slot, while everything else waits.
it.each([
  ['mops-cli/dist/local-supervisor.js', /\/node_modules\/|\/zod\/|packages\/(?!system|mops-cli\/src\/engines)/],
  ['mops-cli/dist/node-host.js', /\/zod\/|hyparquet|packages\/(?!contracts|sdk|model-host\/src\/hosts)/],
  ['mops-cli/dist/task-ids-thread.js', /\/zod\/|packages\/(?!contracts|worker\/src\/task-ids)/],
  [
    'mops-cli/dist/mops-worker.js',
    /csv-parse|esbuild|yaml@|sdk\/src\/model|source\/(closure|compile)|describe\/(describe|trial)|bundle\/src\/(cli|project)/,
  ],
])('%s loads only what it calls', (program, others) => {
  const sources = loadedAtStart(join(packages, program));
  expect(sources.length).toBeGreaterThan(2);
  expect(sources.filter((source) => others.test(source))).toEqual([]);
});

it('a command that opens the stores loads no Parquet before it reads a pack', () => {
  const sources = loadedAtStart(chunkOf('packages/worker/src/open-stores.ts'));
  expect(sources).toContain('packages/store/src/packs/lazy-provenance-store.ts');
  expect(sources.filter((source) => /hyparquet|packs\/(parquet|index|reader|writer)\/(?!file-frame)/.test(source))).toEqual([]);
});

it('a command loads what nearly every command loads as one chunk: Node takes 0.7 ms for each', () => {
  const best = chunkOf('packages/mops-cli/src/commands/results-best.ts');
  const shared = chunkOf('packages/mops-cli/src/open-environment.ts');
  expect([...chunksOf(best).keys()]).toContain(shared);
  expect(chunksOf(best).size).toBeLessThan(20);
  expect(chunksOf(shared).size).toBeLessThan(5);
  const used = [
    ...['worker/src/open-stores.ts', 'store/src/records/create-job-registry.ts', 'contracts/src/job/state.ts'],
    ...['store/src/objects/fs-object-store.ts', 'mops-cli/src/engines/local/local-engine.ts'],
  ];
  for (const source of used) expect(readFileSync(shared, 'utf8')).toContain(`// packages/${source}\n`);
  expect(loadedAtStart(best).filter((source) => /bundle-manifest|project\/(project|schemas)\.ts|@duckdb/.test(source))).toEqual([]);
});

it('a validation loads no hosts, models or CSV before an aggregation has to be evaluated', () => {
  const parts = ['mops-cli/src/commands/jobs-validate.ts', 'worker/src/finalise/finalise-job.ts'];
  const sources = parts.flatMap((part) => loadedAtStart(chunkOf(`packages/${part}`)));
  expect(sources).toContain('packages/worker/src/finalise/index-results.ts');
  expect(
    sources.filter((source) => /open-hosts|task-runner|host-process|csv|sdk\/src\/index|bundle\/src\/(artifact|registry)/.test(source)),
  ).toEqual([]);
});

describe('production code', () => {
  it('does not use Intl, whose first use takes 20 ms', () => {
    const folders = readdirSync(packages).map((name) => join(packages, name, 'src'));
    const files = folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
      .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.includes('/testing/'));
    expect(files.length).toBeGreaterThan(500);
    expect(files.filter((file) => /\bIntl\.|\.toLocale|\.localeCompare/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});

it('a command keeps its compiled code under MODELOPS_HOME where Node can, and only in a folder of this user alone', () => {
  const home = mkdtempSync(join(tmpdir(), 'modelops-home-'));
  const code = join(home, 'code');
  const mops = join(packages, 'mops-cli/dist/mops.js');
  const run = (MODELOPS_HOME: string) => spawnSync(process.execPath, [mops, 'jobs', 'list'], { env: { MODELOPS_HOME }, encoding: 'utf8' });
  const first = run(home);
  expect(first.status).toBe(0);
  expect(existsSync(code)).toBe('enableCompileCache' in module);
  for (const folder of [home, '/proc/modelops'])
    expect(run(folder)).toMatchObject({ status: 0, stdout: first.stdout, stderr: first.stderr });
  rmSync(code, { recursive: true, force: true });
  mkdirSync(code);
  chmodSync(code, 0o777);
  expect(run(home)).toMatchObject({ status: 0, stdout: first.stdout });
  expect(readdirSync(code)).toEqual([]);
  rmSync(home, { recursive: true });
});

it('a query loads DuckDB without node:child_process, 10 ms', () => {
  const home = mkdtempSync(join(tmpdir(), 'modelops-home-'));
  const reporter = "process.on('exit', () => console.error(process.moduleLoadList.includes('NativeModule child_process')))";
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(reporter)}`, join(packages, 'mops-cli/dist/mops.js')];
  const run = (...args: string[]) => spawnSync(process.execPath, [...argv, ...args], { env: { MODELOPS_HOME: home }, encoding: 'utf8' });
  expect(run('results', 'query', 'SELECT 1 AS one', '--csv')).toMatchObject({ status: 0, stdout: 'one\n1\n', stderr: 'false\n' });
  rmSync(home, { recursive: true });
});

describe('an index of a package', () => {
  // With `export { a } from …`, esbuild loads every file of the index for an import of one of them.
  const indexes = [...readdirSync(packages).map((name) => join(packages, name, 'src/index.ts')), join(packages, 'sdk/src/internal.ts')];
  const published = /\/(sdk|mops-cli|cb-cli)\/src\/index/; // their interface is a list of names
  it.each(indexes.filter((file) => !published.test(file) && isFile(file)))('%s exports whole files', (file) => {
    expect(readFileSync(file, 'utf8').match(/^export \{[^}]*\} from/gm)).toBeNull();
  });
});

/** The chunk of `mops` that contains a source. */
function chunkOf(source: string): string {
  const dist = join(packages, 'mops-cli/dist');
  return [...chunksOf(join(dist, 'mops.js'), ANY)].find(([, text]) => text.includes(`// ${source}\n`))![0];
}

function isFile(file: string): boolean {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}
