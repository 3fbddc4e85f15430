// Writes docs/cli.md from the programs' own declarations.   --check: fails when it would change.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { librariesOf } from './build/libraries.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'docs/cli.md');
const contents = `
import { describeProgram, renderReference } from '@modelops/cli-kit';
import { cb } from '../../cb-cli/src/program.ts';
import { modelopsBundle } from '../../bundle/src/program.ts';
import { mops } from './program.ts';
export const text = renderReference(await Promise.all([cb, modelopsBundle, mops].map(describeProgram)));
`;
// Where the libraries that stay imports are found.
const dir = mkdtempSync(join(root, 'packages/mops-cli/dist.docs-'));
try {
  const outfile = join(dir, 'reference.mjs');
  const stdin = { contents, resolveDir: join(root, 'packages/mops-cli/src'), sourcefile: 'reference.ts' };
  await build({
    stdin,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    ...librariesOf(join(root, 'packages/mops-cli')),
    logLevel: 'warning',
  });
  const { text } = await import(pathToFileURL(outfile).href);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error('docs/cli.md is not what the programs say; pnpm docs writes it');
    process.exitCode = 1;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
