// Makes the worker's programs with every library inside, so that the image needs no package manager: node bundle.mjs OUT
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { workerPrograms } from './programs.mjs';

const packageDir = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? join(packageDir, 'dist-image'));

// CommonJS libraries inside an ES module expect these three.
const banner = [
  "import { createRequire as modelopsCreateRequire } from 'node:module';",
  "import { fileURLToPath as modelopsFileURLToPath } from 'node:url';",
  'const require = modelopsCreateRequire(import.meta.url);',
  "const __filename = modelopsFileURLToPath(import.meta.url), __dirname = modelopsFileURLToPath(new URL('.', import.meta.url));",
].join('\n');

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: workerPrograms,
  outdir: out,
  bundle: true,
  // In one file each: a library in CommonJS that is imported lazily across a split loses its named exports.
  splitting: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  conditions: ['modelops-source'],
  absWorkingDir: join(packageDir, '../..'),
  banner: { js: banner },
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  // Compiles models at push; never called by a worker.
  external: ['esbuild'],
  logLevel: 'warning',
});

copyFileSync(join(packageDir, 'image/mops-worker'), join(out, '../mops-worker'));
chmodSync(join(out, '../mops-worker'), 0o755);
