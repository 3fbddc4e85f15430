import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sdk = join(root, 'packages/sdk');
const node = (...args: string[]): string => execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' });
const tsc = join(root, 'node_modules/typescript/bin/tsc');

const MODEL = `
import { type AlignedData, choice, defineModel, defineTarget, float, int, meanSignal } from '@modelops/sdk';
export const Walk = defineModel({
  parameters: { drift: float(-1, 1), steps: int(1, 100), start: choice('left', 'right') },
  scenarios: { baseline: {}, still: { params: { drift: 0 } } },
  outputs: ['path'],
  simulate: ({ drift, steps, start }, { rng }) => {
    const side: 'left' | 'right' = start;
    const x = new Float64Array(steps);
    for (let t = 1; t < steps; t++) x[t] = x[t - 1]! + drift + rng.normal();
    return { path: { t: Int32Array.from(x.keys()), x, side: Array.from(x, () => side) } };
  },
});
export const end = defineTarget({
  output: 'path', data: { t: [0, 1], x: [0, 0] }, join: ['t'], value: 'x',
  evaluator: (data: AlignedData) => meanSignal(data)[0]!,
});
`;
const WRONG = `
import { defineModel, float } from '@modelops/sdk';
export const Wrong = defineModel({ parameters: { a: float(0, 1) }, outputs: ['x'], simulate: ({ b }) => ({ x: { y: [b] } }) });
`;
const MAIN = `
import { Walk, end } from './walk.ts';
const { path } = Walk.simulateTask({ drift: 0.5, steps: 3, start: 'left' }, 7, 'still', null);
const { loss } = end.evaluate({ columns: path!, rows: [3], observed: {} });
console.log(JSON.stringify({ columns: Object.keys(path!), loss }));
`;

let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'modelops-sdk-'));
  const installed = join(project, 'node_modules/@modelops/sdk');
  mkdirSync(join(installed, 'dist'), { recursive: true });
  cpSync(join(sdk, 'package.json'), join(installed, 'package.json'));
  node(tsc, '-p', join(sdk, 'tsconfig.build.json'), '--outDir', join(installed, 'dist'));
  const common = { bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' } as const;
  await build({ ...common, entryPoints: [join(sdk, 'src/index.ts')], conditions: ['source'], outfile: join(installed, 'dist/index.js') });
  for (const [name, text] of Object.entries({ walk: MODEL, wrong: WRONG, main: MAIN })) writeFileSync(join(project, `${name}.ts`), text);
  await build({ ...common, entryPoints: [join(project, 'main.ts')], outfile: join(project, 'main.mjs') });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Compiles strictly and checks the declarations too, so that whatever these import must be there. */
function compile(file: string, resolution: string[]): string {
  const options = [
    '--noEmit',
    '--strict',
    '--noUncheckedIndexedAccess',
    '--exactOptionalPropertyTypes',
    '--target',
    'es2022',
    '--lib',
    'es2023',
  ];
  try {
    return node(tsc, join(project, file), ...options, '--types', '', '--skipLibCheck', 'false', '--ignoreConfig', ...resolution);
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

describe('the packed sdk', () => {
  it.each([[['--module', 'esnext', '--moduleResolution', 'bundler']], [['--module', 'nodenext', '--moduleResolution', 'nodenext']]])(
    'gives a model author full types with %j and nothing else installed',
    (resolution) => {
      expect(compile('walk.ts', resolution)).toBe('');
      expect(compile('wrong.ts', resolution)).toContain("Property 'b' does not exist");
    },
  );

  it('runs without any other package', () => {
    expect(JSON.parse(node(join(project, 'main.mjs')))).toEqual({ columns: ['t', 'x', 'side'], loss: 0 });
    const text = readFileSync(join(project, 'node_modules/@modelops/sdk/dist/index.js'), 'utf8');
    const imports = [...text.matchAll(/^import .* from ["']([^"']+)["']/gm)].map((match) => match[1]!);
    expect(imports.filter((name) => !name.startsWith('node:') && name !== 'stream')).toEqual([]);
  });
});
