// Builds every program into packages/<name>/dist with esbuild. Workspace packages and the libraries in a package's `devDependencies` are bundled;
// those in its `dependencies` stay imports.
//   node scripts/build.mjs           rebuild if a source is newer
//   node scripts/build.mjs --force   rebuild everything
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { modelHosts, workerPrograms } from '../packages/worker/image/programs.mjs';
import { copyPythonPackage } from '../packages/worker/image/python.mjs';
import { builtinsFromProcess } from './build/builtins.mjs';
import { emitDeclarations } from './build/declarations.mjs';
import { librariesOf } from './build/libraries.mjs';
import { loadTogether } from './build/load-together.mjs';
import { thirdPartyNotices } from './build/notices.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = (pkg, file) => join(root, 'packages', pkg, 'src', file);

// Programs that a CLI starts as child processes. Each dist folder contains them, so a packed CLI is complete.
const describeHost = { 'describe-host': src('model-host', 'describe/describe-host.ts') };

const packages = {
  contracts: { index: src('contracts', 'index.ts') },
  sdk: { index: src('sdk', 'index.ts') },
  'model-host': { ...modelHosts, ...describeHost },
  bundle: { 'modelops-bundle': src('bundle', 'main.ts'), 'command-host': modelHosts['command-host'], ...describeHost },
  worker: { ...workerPrograms },
  'cb-cli': { cb: src('cb-cli', 'main.ts'), ...describeHost },
  'mops-cli': {
    mops: src('mops-cli', 'main.ts'),
    'local-supervisor': src('mops-cli', 'engines/local/local-supervisor.ts'),
    'artifact-reader': src('mops-cli', 'results/import/artifact-reader.ts'),
    'results/index': src('mops-cli', 'results/index.ts'),
    ...workerPrograms,
    ...describeHost,
  },
};

/** Entry points with published declarations. */
const declared = {
  contracts: 'contracts/src/index.d.ts',
  sdk: 'sdk/src/index.d.ts',
  'mops-cli': 'mops-cli/src/results/index.d.ts',
};

const programs = new Set([
  'cb',
  'mops',
  'modelops-bundle',
  'mops-worker',
  'node-host',
  'command-host',
  'describe-host',
  'local-supervisor',
]);

/** What a program and nearly all of its commands load, with all that it imports: one chunk each instead of dozens. */
const start = [src('cli-kit', 'run-program.ts'), src('system', 'modelops-home.ts')];
const loadedTogether = {
  cb: [...start, src('cb-cli', 'version.ts')],
  mops: [
    ...start,
    src('mops-cli', 'version.ts'),
    src('mops-cli', 'open-environment.ts'),
    src('store', 'objects/fs-object-store.ts'),
    src('mops-cli', 'engines/local/local-engine.ts'),
  ],
  'modelops-bundle': start,
};

/** Packages with programs that start Python hosts: their dist contains the Python package `modelops`. */
const startsPython = new Set(['bundle', 'worker', 'cb-cli', 'mops-cli']);

async function buildPackage(name, entries, declarations) {
  const dist = join(root, 'packages', name, 'dist');
  const outdir = `${dist}.${process.pid}`;
  const present = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
  if (Object.keys(present).length === 0) return;
  const { plugins, banner } = librariesOf(join(root, 'packages', name));
  const common = {
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['modelops-source'],
    absWorkingDir: root,
    logLevel: 'warning',
    splitting: true,
    ...(name === 'sdk' ? {} : { banner }),
    chunkNames: 'chunk-[hash]',
    metafile: true,
    plugins,
  };
  // Each by itself: a program that is started for each job or model loads none of the code that only others call.
  const built = await Promise.all(
    Object.entries(present).map(([entry, file]) => {
      const options = { ...common, entryPoints: { [entry]: file } };
      return entry in loadedTogether ? loadTogether(options, loadedTogether[entry]) : build(options);
    }),
  );
  const metafiles = built.map(({ metafile }) => metafile);
  if (name !== 'sdk') {
    for (const file of readdirSync(outdir, { recursive: true })) {
      if (file.endsWith('.js')) rewrite(join(outdir, file), builtinsFromProcess);
    }
  }
  writeFileSync(join(outdir, 'THIRD-PARTY.txt'), thirdPartyNotices(metafiles, root));
  if (name in declared) await (await declarations).write(name, declared[name], join(outdir, 'index.d.ts'));
  if (startsPython.has(name)) copyPythonPackage(join(outdir, 'python'));
  for (const entry of Object.keys(present)) {
    if (!programs.has(entry)) continue;
    const file = join(outdir, `${entry}.js`);
    rewrite(file, (text) => (text.startsWith('#!') ? text : `#!/usr/bin/env node\n${text}`));
    chmodSync(file, 0o755);
  }
  // A program that starts during the build finds the complete old folder or the complete new one.
  rmSync(`${dist}.old`, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, `${dist}.old`);
  renameSync(outdir, dist);
  rmSync(`${dist}.old`, { recursive: true, force: true });
}

function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

function newestSource() {
  let newest = 0;
  const visit = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (/^(node_modules|__pycache__|\..*|dist(\..*)?)$/.test(entry.name)) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
    }
  };
  visit(join(root, 'packages'));
  visit(join(root, 'scripts'));
  return newest;
}

const stamp = join(root, 'node_modules', '.modelops-build');

export async function buildAll({ force = false } = {}) {
  if (!force && existsSync(stamp) && Number(readFileSync(stamp, 'utf8')) >= newestSource()) return false;
  const newest = newestSource();
  const declarations = emitDeclarations(root);
  try {
    await Promise.all(Object.entries(packages).map(([name, entries]) => buildPackage(name, entries, declarations)));
  } finally {
    await declarations.then(({ remove }) => remove());
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, String(newest));
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await buildAll({ force: process.argv.includes('--force') });
  if (built)
    console.error(
      `built ${Object.keys(packages)
        .map((name) => relative(root, join(root, 'packages', name)))
        .join(' ')}`,
    );
}
