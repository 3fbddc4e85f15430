import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolder, pack, run, tsc, unpack } from './pack.ts';

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
const WRONG_MODEL = `
import { defineModel, float } from '@modelops/sdk';
export const Wrong = defineModel({ parameters: { a: float(0, 1) }, outputs: ['x'], simulate: ({ b }) => ({ x: { y: [b] } }) });
`;
const MAIN = `
import { Walk, end } from './walk.ts';
const { path } = Walk.simulateTask({ drift: 0.5, steps: 3, start: 'left' }, 7, 'still', null);
const { loss } = end.evaluate({ columns: path!, rows: [3], observed: {} });
console.log(JSON.stringify({ columns: Object.keys(path!), loss }));
`;
const CLIENT = `
import { isModelOpsError, type Loss, openResultClient, parseJobId, type ResultClient } from '@modelops/mops-cli/results';
const client: ResultClient = await openResultClient({ home: '/h', cwd: '.' });
const job = parseJobId('job-12345678');
const losses: Loss[] = await client.getLosses(job, { limit: 3 }).catch((error: unknown) => {
  if (isModelOpsError(error, 'RESULT_NOT_FOUND')) return [];
  throw error;
});
const beta: boolean | number | string | undefined = losses[0]?.params.beta;
const { both } = await client.compare(job, job);
const used: 'computed' | 'reused' | null | undefined = (await client.jobsOf('x'))[0]?.source;
export const answers = [beta, both[0]?.difference?.toFixed(2), used];
`;
const WRONG_CLIENT = `
import { openResultClient } from '@modelops/mops-cli/results';
export const losses = (await openResultClient({ home: '/h', cwd: '.' })).queryLosses({ minimum: 1 });
`;

const folder = openFolder();
const installed = (name: string) => join(folder.dir, 'node_modules/@modelops', name);
afterAll(folder.remove);

beforeAll(async () => {
  const names = ['sdk', 'mops-cli'];
  const tarballs = await pack(names, join(folder.dir, 'tarballs'));
  for (const [index, name] of names.entries()) await unpack(tarballs[index]!, installed(name));
  const sources = { walk: MODEL, 'wrong-model': WRONG_MODEL, main: MAIN, client: CLIENT, 'wrong-client': WRONG_CLIENT };
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder.dir, `${name}.ts`), text);
  writeFileSync(join(folder.dir, 'package.json'), '{ "type": "module" }');
});

/** Compiles strictly and checks the declarations too, so that whatever these import must be there. */
async function compile(file: string, resolution: readonly string[]): Promise<string> {
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  const plain = ['--noEmit', '--ignoreConfig', '--target', 'es2022', '--lib', 'es2023', '--types', ''];
  return run(process.execPath, [tsc, join(folder.dir, file), ...strict, ...plain, ...resolution]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

describe.each([
  { resolution: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
  { resolution: ['--module', 'nodenext', '--moduleResolution', 'nodenext'] },
])('with $resolution and nothing else installed', ({ resolution }) => {
  it('gives model authors full types', async () => {
    expect(await compile('walk.ts', resolution)).toBe('');
    expect(await compile('wrong-model.ts', resolution)).toContain("Property 'b' does not exist");
  });

  it('gives result clients full types', async () => {
    expect(await compile('client.ts', resolution)).toBe('');
    expect(await compile('wrong-client.ts', resolution)).toContain("'minimum' does not exist");
  });
});

it('a model runs without any other package', async () => {
  const outfile = join(folder.dir, 'main.mjs');
  const entryPoints = [join(folder.dir, 'main.ts')];
  const { metafile } = await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', metafile: true });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path.replace(/^node:/, '')));
  expect(imported.filter((name) => name !== 'stream')).toEqual([]);
  const { stdout } = await run(process.execPath, [outfile]);
  expect(JSON.parse(stdout)).toEqual({ columns: ['t', 'x', 'side'], loss: 0 });
});
