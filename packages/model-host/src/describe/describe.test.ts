import { ModelOpsError } from '@modelops/contracts';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readProgram } from '../source/program.ts';
import { buildPrograms } from '../testing/build-programs.ts';
import { makeFiles, SEIR, writeFiles } from '../testing/sources.ts';
import { checkConstraint, describeModel, describeTargetProgram, exportedSources } from './describe-program.ts';

beforeAll(buildPrograms);
afterEach(() => {
  delete process.env.SECRET_KEY;
});

const source = 'models/m.ts:M';
const describing = (code: string, timeoutMs?: number) =>
  describeModel({ projectDir: makeFiles({ 'models/m.ts': code }), source }, timeoutMs === undefined ? {} : { timeoutMs });
const model = (parameters = '[]') =>
  `export const M = { kind: 'modelops.model', describe: () => ({ parameters: ${parameters}, scenarios: ['baseline'], outputs: ['o'], behaviour: 1 }) };`;

async function failure(action: Promise<unknown>): Promise<ModelOpsError> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelOpsError);
  return error as ModelOpsError;
}

describe('describeModel', () => {
  it('returns parameters in order of declaration, scenarios, outputs and the behaviour version of the sdk', async () => {
    expect(await describeModel({ projectDir: makeFiles(), source: 'models/seir.ts:Seir' })).toEqual({
      parameters: [
        { name: 'beta', kind: 'float', min: 0.1, max: 2, scale: 'linear' },
        { name: 'n0', kind: 'int', min: 1, max: 10, scale: 'linear' },
      ],
      scenarios: ['baseline', 'lockdown'],
      outputs: ['prevalence'],
      behaviour: expect.any(Number),
      fixed: { lockdown: { beta: 0.3 } },
    });
  });

  it('lets the module read a file of the project when it loads, also to check its constraint', async () => {
    const head = "import { readFileSync } from 'node:fs';\nreadFileSync('data/observed.csv');\n";
    const projectDir = makeFiles();
    writeFiles(projectDir, { 'models/seir.ts': `${head}${SEIR}` });
    const request = { projectDir, source: 'models/seir.ts:Seir' };
    expect((await describeModel(request)).outputs).toEqual(['prevalence']);
    expect(await exportedSources(projectDir, 'models/seir.ts', 'model')).toEqual(['models/seir.ts:Seir']);
    expect(await checkConstraint(request, { names: ['beta', 'n0'], rows: [[1, 1]] })).toEqual(Uint8Array.of(1));
  });

  it('ignores any amount of output of the module', async () => {
    const noise = "console.log('{\"kind\":\"no\"}'); console.error('x'.repeat(70_000)); process.stdout.write('y'.repeat(2 ** 20));";
    expect((await describing(`${noise}\n${model()}`)).outputs).toEqual(['o']);
  });

  it('reads the largest description completely', async () => {
    const many = "Array.from({ length: 10000 }, (_, i) => ({ name: 'ñ' + i, kind: 'float', min: 0, max: 1, scale: 'linear' }))";
    expect((await describing(model(many))).parameters).toHaveLength(10_000);
    const error = await failure(describing(model(many.replace('10000', '10001'))));
    expect(error).toMatchObject({ code: 'MODEL_INVALID', problems: [{ path: 'parameters', message: 'a model declares at most 10000' }] });
  });

  it('hides the credentials of this process from the module', async () => {
    process.env.SECRET_KEY = 'hush';
    const names = "Object.keys(process.env).map((name) => ({ name, kind: 'float', min: 0, max: 1, scale: 'linear' }))";
    const { parameters } = await describing(model(names));
    const seen = parameters.map(({ name }) => name);
    expect(seen).toContain('PATH');
    expect(
      seen.filter(
        (name) => !/_THREADS$|^MODELOPS_PROCESS_MARK$/.test(name) && !['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'].includes(name),
      ),
    ).toEqual([]);
  });

  it('reports why a module does not load, with its output', async () => {
    const error = await failure(describing("console.error('about to fail'); throw new TypeError('no such table');\nexport const M = 1;"));
    expect(error.code).toBe('MODEL_INVALID');
    expect(error.message).toContain('does not load: TypeError: no such table at models/m.ts:1;');
    expect(error.message).toContain('about to fail');
  });

  it('reports every problem of a definition', async () => {
    const code = `import { defineModel, float } from "@modelops/sdk";
      export const M = defineModel({ parameters: { a: float(NaN, 1), b: float(2, 1) }, outputs: ['o'], simulate: () => ({}) });`;
    const error = await failure(describing(code));
    expect(error.code).toBe('MODEL_INVALID');
    expect(error.problems.map(({ path }) => path)).toEqual(['parameters.a', 'parameters.b']);
  });

  it('reports a module that ends its own process', async () => {
    expect((await failure(describing(`console.error('bye'); process.exit(3);\n${model()}`))).message).toMatch(/exited before.*\n?.*bye/);
  });

  it('stops a module that does not end, and the processes that it started', async () => {
    const started = "import { spawn } from 'node:child_process'; spawn('sleep', ['600'], { stdio: 'inherit' });";
    const error = await failure(describing(`${started}\nwhile (true);\n${model()}`, 1500));
    expect(error.message).toContain('did not load within 1.5 s');
  });

  it('does not wait for a process that the module left running', async () => {
    const started = "import { spawn } from 'node:child_process'; spawn('sleep', ['600'], { stdio: 'inherit' });";
    await describing(`${started}\n${model()}`); // waiting would exceed the test's time limit
  });

  it('rejects a target, null, a number and a function', async () => {
    for (const [code, message] of [
      ["export const M = { kind: 'modelops.target', describe: () => ({}) };", 'is a target, not a model'],
      ['export const M = null;', 'is null, not a model'],
      ['export const M = 7;', 'is a number, not a model'],
      ['export const M = () => 7;', 'is a function, not a model'],
    ] as const)
      expect(await failure(describing(code))).toMatchObject({ code: 'MODEL_INVALID', message: `${source} ${message}` });
  });

  it('rejects an invalid description, with every problem', async () => {
    const error = await failure(
      describing("export const M = { kind: 'modelops.model', describe: () => ({ parameters: 1, scenarios: [2] }) };"),
    );
    expect(error.problems.map(({ path }) => path)).toEqual(['parameters', 'scenarios[0]', 'outputs', 'behaviour']);
  });
});

describe('describeTargetProgram', () => {
  const describeTarget = async (request: { readonly projectDir: string; readonly source: string }) =>
    describeTargetProgram(await readProgram({ ...request, kind: 'target' }), request);

  it('returns the output and the data file', async () => {
    expect(await describeTarget({ projectDir: makeFiles(), source: 'targets/prevalence.ts:prevalence' })).toMatchObject({
      output: 'prevalence',
      data: 'data/observed.csv',
    });
  });
  it('reports errors of targets', async () => {
    const projectDir = makeFiles();
    expect(await failure(describeTarget({ projectDir, source: 'targets/prevalence.ts:prevalance' }))).toMatchObject({
      code: 'TARGET_NOT_FOUND',
    });
    expect(await failure(describeTarget({ projectDir, source: 'models/seir.ts:Seir' }))).toMatchObject({
      code: 'TARGET_INVALID',
      hint: 'modelops-bundle register-model models/seir.ts:Seir',
    });
  });
});

describe('checkConstraint', () => {
  const code = `import { defineModel, float } from "@modelops/sdk";
    export const M = defineModel({ parameters: { a: float(0, 1), b: float(0, 1) }, outputs: ['o'], simulate: () => ({}),
      constraint: ({ a, b }) => { if (a === 9) throw new RangeError('no nines'); return a > b; } });`;
  const check = (rows: number[][]) =>
    checkConstraint({ projectDir: makeFiles({ 'models/m.ts': code }), source }, { names: ['b', 'a'], rows });

  it('passes each parameter set to the model by parameter names', async () => {
    expect([
      ...(await check([
        [0, 1],
        [1, 0],
        [0.2, 0.3],
      ])),
    ]).toEqual([1, 0, 1]);
  });

  it('reports the error that the constraint throws', async () => {
    expect((await failure(check([[0, 9]]))).message).toContain('cannot check its constraint: RangeError: no nines at models/m.ts:');
  });
});

describe('exportedSources', () => {
  it('finds the models of a file among its other exports', async () => {
    const projectDir = makeFiles({ 'models/m.ts': `${model()}\nexport const nothing = null;\nexport const N = M;\nexport default 3;` });
    expect(await exportedSources(projectDir, 'models/m.ts', 'model')).toEqual(['models/m.ts:M', 'models/m.ts:N']);
    await expect(exportedSources(projectDir, 'models/m.ts', 'target')).rejects.toMatchObject({ code: 'TARGET_NOT_FOUND' });
  });
});
