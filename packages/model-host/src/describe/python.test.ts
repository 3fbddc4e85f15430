import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPythons } from '../environment/pythons.ts';
import { readProgram } from '../source/program.ts';
import { makeFiles, makeFolder } from '../testing/sources.ts';
import { checkConstraint, describeModel, describeTargetProgram, exportedSources } from './describe-program.ts';
import { trialRun } from './trial-run.ts';

const MODEL = `from modelops import Float, Int, model
from lib.days import DAYS
with open("imports", "a") as log: log.write("x")

@model(parameters={"beta": Float(0.1, 2), "n0": Int(1, 10)}, scenarios={"lockdown": {"beta": 0.3}}, outputs=["prevalence"])
def seir(beta, n0, *, seed, config):
    with open("data/contacts.csv") as file: file.read()
    return {"prevalence": {"day": range(DAYS)}}
`;
const FILES = { 'models/seir.py': MODEL, 'lib/days.py': 'DAYS = 3\n', 'data/contacts.csv': '1\n' };
const source = 'models/seir.py:seir';

function setup(files: Record<string, string> = FILES) {
  const projectDir = makeFiles(files);
  return { projectDir, source, pythons: createPythons({ cacheDir: makeFolder() }) };
}

describe('a Python model', () => {
  it('is described with parameters in order of declaration, scenarios and outputs', async () => {
    expect(await describeModel(setup())).toMatchObject({
      parameters: [
        { name: 'beta', kind: 'float', min: 0.1, max: 2, scale: 'linear' },
        { name: 'n0', kind: 'int', min: 1, max: 10 },
      ],
      scenarios: ['baseline', 'lockdown'],
      outputs: ['prevalence'],
    });
  });

  it('is imported once for each version of its files', async () => {
    const request = setup();
    const imports = () => readFileSync(join(request.projectDir, 'imports'), 'utf8').length;
    await describeModel(request);
    await describeModel(request);
    expect(imports()).toBe(1);
    appendFileSync(join(request.projectDir, 'lib/days.py'), '# other\n');
    await describeModel(request);
    expect(imports()).toBe(2);
  });

  it('is parsed once, and again if a file changes, is added or is deleted', async () => {
    const request = { ...setup(), source };
    const starts = join(request.projectDir, 'starts');
    const { interpreter } = await request.pythons.base();
    const counting = join(request.projectDir, 'python');
    writeFileSync(counting, `#!/bin/sh\necho x >> ${starts}\nexec ${interpreter} "$@"\n`, { mode: 0o755 });
    const pythons = { ...request.pythons, open: async () => ({ ...(await request.pythons.base()), interpreter: counting }) };
    const paths = async () => (await readProgram({ ...request, pythons })).closure.map(({ path }) => path);
    const count = () => readFileSync(starts, 'utf8').length / 2;
    expect(await paths()).toEqual(['lib/days.py', 'models/seir.py']);
    expect(await paths()).toEqual(['lib/days.py', 'models/seir.py']);
    writeFileSync(join(request.projectDir, 'lib/other.py'), ''); // no import refers to it
    symlinkSync('modelops.py', join(request.projectDir, 'modelops.py')); // an import could, if it did not lead to itself
    expect(await paths()).toEqual(['lib/days.py', 'models/seir.py']);
    expect(count()).toBe(1);
    writeFileSync(join(request.projectDir, 'lib/__init__.py'), '');
    expect(await paths()).toEqual(['lib/__init__.py', 'lib/days.py', 'models/seir.py']);
    appendFileSync(join(request.projectDir, 'lib/days.py'), 'import lib.other\n');
    expect(await paths()).toEqual(['lib/__init__.py', 'lib/days.py', 'lib/other.py', 'models/seir.py']);
    rmSync(join(request.projectDir, 'lib/other.py'));
    expect(await paths()).toEqual(['lib/__init__.py', 'lib/days.py', 'models/seir.py']);
    expect(count()).toBe(4);
  });

  it('consists of its file and the files of the project that it imports', async () => {
    const { closure, key } = await readProgram(setup());
    expect(closure.map(({ path }) => path)).toEqual(['lib/days.py', 'models/seir.py']);
    const changed = setup({ ...FILES, 'lib/other.py': '' });
    expect((await readProgram(changed)).key).toBe(key);
  });

  it('allows the parameter sets that its constraint allows, and reports what the constraint raises', async () => {
    const constrained = (code: string) =>
      setup({ ...FILES, 'models/seir.py': MODEL.replace('outputs=["prevalence"]', `outputs=["prevalence"], constraint=${code}`) });
    const sets = {
      names: ['beta', 'n0'],
      rows: [
        [0.5, 1],
        [1.5, 1],
        [1.5, 9],
      ],
    };
    const request = constrained('lambda beta: beta > 1');
    expect(await describeModel(request)).toMatchObject({ constrained: true });
    expect(await checkConstraint(request, sets)).toEqual(Uint8Array.of(0, 1, 1));
    expect(await checkConstraint(constrained('lambda **all: all["n0"] > all["beta"]'), sets)).toEqual(Uint8Array.of(1, 0, 1));
    await expect(checkConstraint(constrained('lambda beta: 1 / 0'), sets)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('models/seir.py cannot check its constraint: ZeroDivisionError'),
    });
    await expect(describeModel(constrained('lambda sigma: True'))).rejects.toMatchObject({
      problems: [{ path: 'constraint', message: 'takes sigma, which is not a parameter' }],
    });
  });

  it('reports an output that is None as the problem of its trial run', async () => {
    const request = setup({ ...FILES, 'models/seir.py': MODEL.replace('{"prevalence": {"day": range(DAYS)}}', '{"prevalence": None}') });
    expect((await trialRun(await readProgram(request), request)).problem).toContain('output prevalence is None');
  });

  it('reports the line of the model that raised in its trial run', async () => {
    const request = setup({ ...FILES, 'models/seir.py': MODEL.replace('{"prevalence": {"day": range(DAYS)}}', '1 / 0') });
    expect((await trialRun(await readProgram(request), request)).problem).toMatch(
      /^the trial run failed: ZeroDivisionError: division by zero at models\/seir\.py:\d+$/,
    );
  });

  it('lists the files that a trial run opens', async () => {
    const request = setup();
    expect(await trialRun(await readProgram(request), request)).toMatchObject({ project: ['data/contacts.csv'], elsewhere: [] });
  });

  it('reports files that it opens outside the project, except those in a cache folder', async () => {
    const outside = makeFiles({ '.cache/fonts.json': '{}', 'table.csv': '1' });
    const reads = ['.cache/fonts.json', 'table.csv'].map((file) => `open(${JSON.stringify(join(outside, file))}).read()\n`);
    const request = setup({ ...FILES, 'models/seir.py': `${reads.join('')}${MODEL}` });
    expect((await trialRun(await readProgram(request), request)).elsewhere).toEqual([join(outside, 'table.csv')]);
  });

  it('is found by its file, and a missing one is an error that lists the existing ones', async () => {
    const { projectDir, pythons } = setup();
    expect(await exportedSources(projectDir, 'models/seir.py', 'model', pythons)).toEqual([source]);
    await expect(exportedSources(projectDir, 'lib/days.py', 'model', pythons)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(describeModel({ projectDir, pythons, source: 'models/seir.py:sier' })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: 'did you mean models/seir.py:seir?',
    });
    const describeTarget = async () =>
      describeTargetProgram(await readProgram({ projectDir, pythons, source, kind: 'target' }), { projectDir, pythons });
    await expect(describeTarget()).rejects.toMatchObject({ code: 'TARGET_INVALID' });
  });

  it.each([
    [
      'a syntax error, with its place',
      'def f(:\n  pass\n',
      { problems: [{ path: 'models/seir.py:1:7', message: 'invalid syntax\n  def f(:\n        ^' }] },
    ],
    [
      'a missing package, with the way to add it',
      'import no_such_package\nfrom modelops import model, Float\n@model(parameters={"x": Float(0, 1)}, outputs=["o"])\ndef seir(x): pass\n',
      { message: expect.stringContaining('no_such_package'), hint: expect.stringContaining('uv add no_such_package') },
    ],
    [
      'a module that raises, with its line',
      'from modelops import model, Float\n@model(parameters={"x": Float(0, 1)}, outputs=["o"])\ndef seir(x): pass\nraise ValueError("no table")\n',
      { message: expect.stringMatching(/ValueError: no table[\s\S]*models\/seir\.py", line 4/) },
    ],
    [
      'no parameters',
      'from modelops import model\n@model(parameters={}, outputs=["o"])\ndef seir(): pass\n',
      { problems: [{ path: 'parameters', message: 'a model needs at least one' }] },
    ],
    [
      'a class that lacks a method',
      'from modelops import BaseModel, ParameterSpace, ParameterSpec\nclass seir(BaseModel):\n    PARAMS = ParameterSpace([ParameterSpec("x", 0, 1)])\n    def build_sim(self, params, config): pass\n',
      {
        message: expect.stringContaining('class seir does not define run_sim'),
        hint: expect.stringContaining('run_sim(self, state, seed)'),
      },
    ],
  ])('is refused for %s', async (_, text, error) => {
    const request = setup();
    writeFileSync(join(request.projectDir, 'models/seir.py'), text);
    await expect(describeModel(request)).rejects.toMatchObject({ code: 'MODEL_INVALID', ...error });
  });
});
