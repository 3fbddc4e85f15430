import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const SEIR = `
import { defineModel, float, int } from "@modelops/sdk";
import { days } from '../lib/days';
export const Seir = defineModel({
  parameters: { beta: float(0.1, 2), n0: int(1, 10) },
  scenarios: { baseline: {}, lockdown: { params: { beta: 0.3 } } },
  outputs: ['prevalence'],
  simulate: ({ beta, n0 }) => ({ prevalence: { day: Int32Array.from(days), infected: Float64Array.from(days, (day) => n0 * beta ** day) } }),
});
export const days7 = 7;
`;

export const TARGET = `
import { defineTarget, meanSignalMse } from "@modelops/sdk";
export const prevalence = defineTarget({ output: 'prevalence', data: 'data/observed.csv', join: ['day'], value: 'infected', evaluator: meanSignalMse() });
`;

export const PROJECT: Files = {
  'models/seir.ts': SEIR,
  'lib/days.ts': 'export const days: number[] = [0, 1, 2];\n',
  'targets/prevalence.ts': TARGET,
  'data/observed.csv': 'day,infected\n0,1\n1,2\n2,4\n',
  'README.md': 'A model.\n',
};

const folders: string[] = [];

/** Removes the folders of `makeFolder`: called after each test file. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The real path of a new temporary folder, which is removed after the tests of the file. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'modelops-test-')));
  folders.push(folder);
  return folder;
}

export function writeFiles(dir: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
}

/** A folder with these files. */
export function makeFiles(files: Files = PROJECT): string {
  const dir = makeFolder();
  writeFiles(dir, files);
  return dir;
}
