// Writes docs/cli.md from the programs' command declarations, docs/job-states.md from the transition table, the table in docs/designs.md,
// and the JSON Schemas of documents in docs/schemas.
//   --check: fails if a file would change.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { librariesOf } from './build/libraries.mjs';
import { renderJobStates } from './job-states.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const contents = `
import { describeProgram, renderReference } from '@modelops/cli-kit';
import { documentsOf } from '@modelops/cli-kit/document';
import { errorDocument } from '@modelops/cli-kit/error-document';
import { isTerminal, JOB_STATUSES, REOPENINGS, TRANSITIONS } from '@modelops/contracts';
import { designTable } from '../../cb-cli/src/designs/design-table.ts';
import { cb } from '../../cb-cli/src/program.ts';
import { modelopsBundle } from '../../bundle/src/program.ts';
import { mops } from './program.ts';
import { toJSONSchema } from 'zod';
const programs = [cb, modelopsBundle, mops];
export const reference = renderReference(await Promise.all(programs.map(describeProgram)));
export const jobs = { statuses: JOB_STATUSES, transitions: TRANSITIONS, reopenings: REOPENINGS, isTerminal };
export const designs = designTable();
const documents = await Promise.all(programs.map(documentsOf));
export const schemas = [...documents.flatMap((named) => [...named.values()]), errorDocument].map((schema) => toJSONSchema(schema));
`;
// In a folder where Node finds the libraries that are not bundled.
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
    conditions: ['modelops-source'],
    ...librariesOf(join(root, 'packages/mops-cli')),
    logLevel: 'warning',
  });
  const { reference, jobs, designs, schemas } = await import(pathToFileURL(outfile).href);
  const designsPage = readFileSync(join(root, 'docs/designs.md'), 'utf8');
  const designsText = designsPage.replace(
    /(<!-- designs -->\n)[\s\S]*(<!-- \/designs -->)/,
    (_, start, end) => `${start}${designs}\n${end}`,
  );
  const texts = { 'docs/designs.md': designsText, 'docs/cli.md': reference, 'docs/job-states.md': renderJobStates(jobs) };
  for (const schema of schemas) texts[`docs/schemas/${schema.title.replace('/', '.')}.json`] = `${JSON.stringify(schema, null, 2)}\n`;
  for (const name of readdirSync(join(root, 'docs/schemas'))
    .map((file) => `docs/schemas/${file}`)
    .filter((file) => !(file in texts))) {
    if (!process.argv.includes('--check')) rmSync(join(root, name));
    else {
      console.error(`${name} belongs to no document; run: pnpm docs`);
      process.exitCode = 1;
    }
  }
  for (const [name, text] of Object.entries(texts)) {
    const file = join(root, name);
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(`${name} is out of date; run: pnpm docs`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
