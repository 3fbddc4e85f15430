import { realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStudy } from '../../packages/contracts/src/study.ts';
import { openFolder, pack, root, run, tsc, unpack } from './pack.ts';

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
const { loss } = end.evaluate({ outputs: { path: { columns: path!, rows: [3] } }, observed: {} });
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
const STUDY = `
import {
  isModelOpsError, type JobState, parseJobId, parseStudy, paramIdOf, replicateSeed, type SimJob, type SimTask, type SimulationStudy, toSimJob, transition,
} from '@modelops/contracts';
const study: SimulationStudy = {
  model: 'models/walk.ts:Walk', scenario: 'still', parameter_sets: [{ steps: 3 }, { params: { steps: 4 }, seed: '18446744073709551615' }],
  sampling_method: 'manual', n_replicates: 2, seed_scheme: 'common', seed: 7, outputs: null, targets: [], metadata: {},
};
const job: SimJob = toSimJob(study, 'team/walk@sha256:' + '0'.repeat(64), parseJobId('job-5b718dc8'));
const first: SimTask = job.taskAt(0);
const seed: bigint = first.seed;
const submitter = (state: JobState): string | undefined => (state.status === 'submitting' ? state.submitter?.kind : undefined);
let code: string | undefined;
try {
  parseStudy('{"model": 1}', 'study.json');
} catch (error) {
  if (isModelOpsError(error, 'STUDY_INVALID')) code = error.problems[0]?.path;
}
const groups = [...job.taskGroups].map(({ start, end }) => [start, end]);
const id = paramIdOf({ steps: 3 });
export const kinds = [submitter, replicateSeed(id, 0), seed];
console.log(JSON.stringify({ count: job.taskCount, groups, id: first.params.param_id === id, code, next: transition('running', { to: 'validating' }) }));
console.log(JSON.stringify(study));
`;
const WRONG_STUDY = `
import type { SimulationStudy } from '@modelops/contracts';
export const study: Partial<SimulationStudy> = { seed_scheme: 'shared' };
`;
const WRONG_CLIENT = `
import { openResultClient } from '@modelops/mops-cli/results';
export const losses = (await openResultClient({ home: '/h', cwd: '.' })).queryLosses({ minimum: 1 });
`;

const folder = openFolder();
const installed = (name: string) => join(folder.dir, 'node_modules/@modelops', name);
afterAll(folder.remove);

beforeAll(async () => {
  const names = ['sdk', 'mops-cli', 'contracts'];
  const tarballs = await pack(names, join(folder.dir, 'tarballs'));
  for (const [index, name] of names.entries()) await unpack(tarballs[index]!, installed(name));
  // The only dependency of contracts.
  symlinkSync(realpathSync(join(root, 'packages/contracts/node_modules/zod')), join(folder.dir, 'node_modules/zod'));
  const sources = {
    walk: MODEL,
    'wrong-model': WRONG_MODEL,
    main: MAIN,
    client: CLIENT,
    'wrong-client': WRONG_CLIENT,
    study: STUDY,
    'wrong-study': WRONG_STUDY,
  };
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder.dir, `${name}.ts`), text);
  writeFileSync(join(folder.dir, 'package.json'), '{ "type": "module" }');
});

/** Compiles strictly and checks the declarations too, so that everything they import must exist. */
async function compile(file: string, resolution: readonly string[], lib = 'es2023'): Promise<string> {
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  const plain = ['--noEmit', '--ignoreConfig', '--target', 'es2022', '--lib', lib, '--types', ''];
  return run(process.execPath, [tsc, join(folder.dir, file), ...strict, ...plain, ...resolution]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

describe.each([
  { resolution: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
  { resolution: ['--module', 'nodenext', '--moduleResolution', 'nodenext'] },
])('with $resolution and nothing but zod beside them', ({ resolution }) => {
  it('has full types for model authors', async () => {
    expect(await compile('walk.ts', resolution)).toBe('');
    expect(await compile('wrong-model.ts', resolution)).toContain("Property 'b' does not exist");
  });

  it('has full types for programs that write studies', async () => {
    // The declarations of zod need URL.
    expect(await compile('study.ts', resolution, 'es2023,dom')).toBe('');
    expect(await compile('wrong-study.ts', resolution)).toContain('\'"shared"\' is not assignable');
  });

  it('has full types for result clients', async () => {
    expect(await compile('client.ts', resolution)).toBe('');
    expect(await compile('wrong-client.ts', resolution)).toContain("'minimum' does not exist");
  });
});

it('a program writes a study that parses, and reads its tasks', async () => {
  const outfile = join(folder.dir, 'study.mjs');
  await build({ entryPoints: [join(folder.dir, 'study.ts')], outfile, format: 'esm' });
  const [read, study] = (await run(process.execPath, [outfile])).stdout.split('\n') as [string, string];
  expect(JSON.parse(read)).toEqual({
    count: 3,
    groups: [
      [0, 2],
      [2, 3],
    ],
    id: true,
    code: 'model',
    next: 'validating',
  });
  expect(parseStudy(study, 'study.json').study.seed_scheme).toBe('common');
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
