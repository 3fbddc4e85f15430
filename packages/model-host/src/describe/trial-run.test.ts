import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readProgram } from '../source/program.ts';
import { buildPrograms } from '../testing/build-programs.ts';
import { makeFiles } from '../testing/sources.ts';
import { trialRun } from './trial-run.ts';

beforeAll(buildPrograms);

/** Runs a model with this body of `simulate`, in a project with two data files. */
async function trial(simulate: string, head = '') {
  const code = `import * as fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { choice, defineModel, float, int } from '@modelops/sdk';
${head}
export const M = defineModel({
  parameters: { beta: float(1, 2), n: int(1, 4), mode: choice('a', 'b'), gamma: float(0, 1, { default: 0.25 }) },
  outputs: ['out'],
  simulate: (values) => { ${simulate}; return { out: { x: [1] } }; },
});`;
  const projectDir = makeFiles({ 'models/m.ts': code, 'data/a.csv': '1', 'data/b.csv': '2' });
  const program = await readProgram({ projectDir, source: 'models/m.ts:M' });
  return { projectDir, ...(await trialRun(program, { projectDir, timeoutMs: 20_000 })) };
}

describe('trialRun', () => {
  it.each([
    ['readFileSync', "fs.readFileSync('data/a.csv')"],
    ['openSync', "fs.closeSync(fs.openSync('data/a.csv'))"],
    ['createReadStream', "fs.createReadStream('data/a.csv')"],
    ['readFile of promises', "void readFile('./data/../data/a.csv')"],
  ])('lists a file opened with %s, relative to the project', async (_how, simulate) => {
    expect(await trial(simulate)).toMatchObject({ project: ['data/a.csv'], elsewhere: [] });
  });

  it('lists files opened when the module loads, and files outside the project', async () => {
    const outside = join(makeFiles({ 'x.csv': '1' }), 'x.csv');
    const found = await trial(`fs.readFileSync(${JSON.stringify(outside)})`, "fs.readFileSync('data/b.csv');");
    expect(found).toMatchObject({ project: ['data/b.csv'], elsewhere: [outside] });
    expect(found.problem).toBeUndefined();
  });

  it('lists no missing files and no modules', async () => {
    expect(await trial("try { fs.readFileSync('data/none.csv'); } catch {}", "import 'node:http';")).toMatchObject({ project: [] });
  });

  it('gives the model default or middle values', async () => {
    const found = await trial(
      'if (JSON.stringify(values) !== \'{"beta":1.5,"n":2,"mode":"a","gamma":0.25}\') throw new Error(JSON.stringify(values))',
    );
    expect(found.problem).toBeUndefined();
  });

  it('reports what it found before the model failed, and the failure', async () => {
    expect(await trial("fs.readFileSync('data/a.csv'); throw new RangeError('no')")).toMatchObject({
      project: ['data/a.csv'],
      problem: 'the trial run failed: RangeError: no at models/m.ts:8',
    });
    expect(await trial('process.exit(3)')).toMatchObject({ project: [], problem: 'the trial run exited early' });
  });
});

describe('trialRun of a command', () => {
  const tryCommand = async (command: string, data: readonly string[] = []) => {
    const yaml = `models: { M: { command: [sh, -ec, ${JSON.stringify(command)}], outputs: { out: { file: out.csv, columns: { x: float } } } } }`;
    const projectDir = makeFiles({ 'sim/modelops.yaml': yaml, 'sim/own.csv': '1', 'data/a.csv': '1' });
    const program = await readProgram({ projectDir, source: 'sim/modelops.yaml:M' });
    return trialRun(program, { projectDir, data, timeoutMs: 20_000 });
  };
  const READ = 'cat own.csv ../data/a.csv > /dev/null; echo x > out.csv';

  it('lists files of the project that it does not find without declaring them', async () => {
    expect(await tryCommand(READ)).toEqual({ project: ['data/a.csv', 'sim/own.csv'], elsewhere: [] });
    expect(await tryCommand(READ, ['data/a.csv'])).toEqual({ project: ['sim/own.csv'], elsewhere: [] });
  });

  it('reports a file that the project lacks, and another failure', async () => {
    expect(await tryCommand('cat own.csv; cat none.csv')).toMatchObject({
      project: ['sim/own.csv'],
      problem: expect.stringContaining('cat: none.csv: No such file or directory'),
    });
    expect(await tryCommand('exit 3')).toMatchObject({ project: [], problem: expect.stringContaining('exited with status 3') });
  });
});
