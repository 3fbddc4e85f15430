// Builds the worker's programs with all libraries bundled, so the image needs no package manager: node bundle.mjs OUT
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { workerPrograms } from './programs.mjs';
import { copyPythonPackage } from './python.mjs';

const packageDir = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? join(packageDir, 'dist-image'));

// CommonJS libraries inside an ES module need these three names.
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
  // One file each: a lazily imported CommonJS library loses its named exports across chunks.
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
  // Compiles models at push; a worker never calls it.
  external: ['esbuild'],
  logLevel: 'warning',
});

copyPythonPackage(join(out, 'python'));
copyFileSync(join(packageDir, 'image/mops-worker'), join(out, '../mops-worker'));
chmodSync(join(out, '../mops-worker'), 0o755);
