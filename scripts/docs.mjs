// Writes docs/cli.md from the programs' own declarations.   --check: fails when it would change.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'docs/cli.md');
const entry = `
import { describeProgram, renderReference } from '@modelops/cli-kit';
import { cb } from './packages/cb-cli/src/program.ts';
import { modelopsBundle } from './packages/bundle/src/program.ts';
import { mops } from './packages/mops-cli/src/program.ts';
export default renderReference(await Promise.all([cb, modelopsBundle, mops].map(describeProgram)));
`;
const dir = mkdtempSync(join(root, 'node_modules/.docs-'));
try {
  const outfile = join(dir, 'reference.mjs');
  await build({
    stdin: { contents: entry, resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    packages: 'external',
    outfile,
    plugins: [
      {
        name: 'workspace',
        setup({ onResolve, resolve }) {
          onResolve({ filter: /^@modelops\// }, async ({ path, importer, kind, pluginData }) => {
            if (pluginData === 'seen') return undefined;
            const name = path.split('/')[1];
            return resolve(path, { kind, importer, resolveDir: join(root, 'packages', name === 'cli-kit' || importer === '' ? 'cb-cli' : dirname(importer).split('/packages/')[1].split('/')[0]), pluginData: 'seen' });
          });
        },
      },
    ],
  });
  const { default: text } = await import(pathToFileURL(outfile).href);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error('docs/cli.md is not what the programs say; pnpm docs writes it');
    process.exitCode = 1;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
