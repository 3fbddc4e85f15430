import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelOpsError, sha256Hex } from '@modelops/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../testing/build-programs.ts';
import { makeFiles, makeFolder, PROJECT, SEIR, writeFiles } from '../testing/sources.ts';
import { compileProgram } from './compile-program.ts';

beforeAll(buildPrograms);

const source = 'models/seir.ts:Seir';

async function failure(action: Promise<unknown>): Promise<ModelOpsError> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelOpsError);
  return error as ModelOpsError;
}

describe('compileProgram', () => {
  it('compiles a model and its imports to one module without the sdk, which imports only Node’s modules', async () => {
    const { code } = await compileProgram({ projectDir: makeFiles(), source });
    const text = new TextDecoder().decode(code);
    expect(text).toContain("Symbol.for('modelops.sdk')".replaceAll("'", '"'));
    expect(text).toContain('sdk.float');
    expect(text).not.toContain('sdk.choice'); // only the exports that the model uses
    expect(text).not.toContain('modelops.model'); // the sdk's own code
    expect(
      [...text.matchAll(/^import .* from ['"](.*)['"]/gm)].map((match) => match[1]).filter((name) => !name!.startsWith('node:')),
    ).toEqual([]);
  });

  it('lists the source files with their digests', async () => {
    const { closure } = await compileProgram({ projectDir: makeFiles(), source });
    expect(closure).toEqual([
      { path: 'lib/days.ts', sha256: sha256Hex(PROJECT['lib/days.ts']!) },
      { path: 'models/seir.ts', sha256: sha256Hex(SEIR) },
    ]);
  });

  it('yields the same bytes in another folder, and through a link to it', async () => {
    const here = makeFiles();
    const there = join(makeFolder(), 'some', 'where', 'else');
    cpSync(here, there, { recursive: true });
    const link = join(makeFolder(), 'link');
    symlinkSync(here, link);
    const first = await compileProgram({ projectDir: here, source });
    expect(await compileProgram({ projectDir: there, source })).toEqual(first);
    expect(await compileProgram({ projectDir: link, source })).toEqual(first);
    expect(new TextDecoder().decode(first.code)).not.toContain(here);
  });

  it('yields the same bytes for any location of a dependency', async () => {
    const files = {
      'models/seir.ts': "import { half } from 'mathlib'; import cjs from 'oldlib'; export const Seir = { kind: cjs.name, half };",
      'package.json': '{"name":"p","type":"module"}',
    };
    const mathlib = {
      'package.json': '{"name":"mathlib","version":"2.1.0","type":"module","main":"src/index.js"}',
      'src/index.js': 'export const half = 0.5;',
    };
    const oldlib = { 'package.json': '{"name":"oldlib","version":"1.0.0"}', 'index.js': "module.exports = { name: 'old' };" };
    const flat = makeFiles(files);
    writeFiles(join(flat, 'node_modules/mathlib'), mathlib);
    writeFiles(join(flat, 'node_modules/oldlib'), oldlib);
    const linked = join(makeFolder(), 'workspace/project');
    writeFiles(linked, files);
    for (const [name, version, content] of [
      ['mathlib', '2.1.0', mathlib],
      ['oldlib', '1.0.0', oldlib],
    ] as const) {
      const store = join(linked, '..', `node_modules/.pnpm/${name}@${version}/node_modules/${name}`);
      writeFiles(store, content);
      mkdirSync(join(linked, 'node_modules'), { recursive: true });
      symlinkSync(store, join(linked, 'node_modules', name));
    }
    const first = await compileProgram({ projectDir: flat, source });
    const second = await compileProgram({ projectDir: linked, source });
    expect(new TextDecoder().decode(second.code)).toBe(new TextDecoder().decode(first.code));
    expect(second.closure).toEqual(first.closure);
    expect(first.closure.map(({ path }) => path)).toEqual([
      'models/seir.ts',
      'node_modules/mathlib@2.1.0/src/index.js',
      'node_modules/oldlib@1.0.0/index.js',
    ]);
  });

  it('omits the sdk even if the project has installed it, and reports an import that the sdk does not have', async () => {
    const dir = makeFiles();
    writeFiles(join(dir, 'node_modules/@modelops/sdk'), {
      'package.json': '{"name":"@modelops/sdk","version":"9.9.9","type":"module","exports":"./index.js"}',
      'index.js': "export * from './inner.js'; export const float = () => 0, int = float;",
      'inner.js': 'export const defineModel = () => ({ marker: "own sdk" });',
    });
    const { code, closure } = await compileProgram({ projectDir: dir, source });
    expect(new TextDecoder().decode(code)).not.toContain('own sdk');
    expect(closure.map(({ path }) => path)).toEqual(['lib/days.ts', 'models/seir.ts']);
    writeFileSync(join(dir, 'lib/days.ts'), "import { flaot } from '@modelops/sdk';\nexport const days = flaot(0, 1);\n");
    expect((await failure(compileProgram({ projectDir: dir, source }))).problems).toMatchObject([
      { path: 'lib/days.ts:1:10', message: expect.stringContaining('flaot') },
    ]);
  });

  it('suggests the nearest file or export for a missing one', async () => {
    const projectDir = makeFiles();
    expect(await failure(compileProgram({ projectDir, source: 'models/sier.ts:Seir' }))).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: 'did you mean models/seir.ts:Seir?',
    });
    expect(await failure(compileProgram({ projectDir, source: 'models/seir.ts:Sier' }))).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: 'models/seir.ts has no export Sier; it exports Seir, days7',
      hint: 'did you mean models/seir.ts:Seir?',
    });
    expect(await failure(compileProgram({ projectDir, source: 'models/sars.ts:Sars' }))).toMatchObject({
      hint: 'give the path of the file relative to the project folder',
    });
    expect(await failure(compileProgram({ projectDir, source: 'targets/x.ts:y', kind: 'target' }))).toMatchObject({
      code: 'TARGET_NOT_FOUND',
    });
  });

  it('accepts an import path for a file', async () => {
    const { closure } = await compileProgram({ projectDir: makeFiles(), source: 'models.seir:Seir' });
    expect(closure.map(({ path }) => path)).toContain('models/seir.ts');
  });

  it('reports file and line of every compile error', async () => {
    const projectDir = makeFiles({ 'models/seir.ts': "import './gone.ts';\nimport 'no-such-package';\nexport const Seir = 1;\n" });
    const error = await failure(compileProgram({ projectDir, source }));
    expect(error.code).toBe('MODEL_INVALID');
    expect(error.problems.map(({ path }) => path)).toEqual(['models/seir.ts:1:8', 'models/seir.ts:2:8']);
    writeFileSync(join(projectDir, 'models/seir.ts'), 'export const Seir = {\n  a: 1,,\n};\n');
    expect((await failure(compileProgram({ projectDir, source }))).problems).toMatchObject([{ path: 'models/seir.ts:2:8' }]);
  });

  it('rejects an import outside the project', async () => {
    const root = makeFolder();
    writeFiles(root, { 'outside.ts': 'export const x = 1;', 'project/models/seir.ts': "export { x as Seir } from '../../outside.ts';" });
    const error = await failure(compileProgram({ projectDir: join(root, 'project'), source }));
    expect(error).toMatchObject({ code: 'MODEL_INVALID' });
    expect(error.message).toContain('outside.ts is outside the project');
  });

  it('rejects native addons with the reason, also in a package', async () => {
    const direct = makeFiles({ 'models/seir.ts': "import addon from './fast.node'; export const Seir = addon;", 'models/fast.node': '' });
    const behind = makeFiles({ 'models/seir.ts': "import fast from 'fast'; export const Seir = fast;" });
    writeFiles(join(behind, 'node_modules/fast'), {
      'package.json': '{"name":"fast","version":"1.0.0"}',
      'binding.gyp': '{}',
      'index.js': "module.exports = require(['./build', 'fast.node'].join('/'));",
    });
    const first = await failure(compileProgram({ projectDir: direct, source }));
    expect(first.problems[0]!.message).toContain('./fast.node is a native addon, which is built for one platform');
    expect((await failure(compileProgram({ projectDir: behind, source }))).message).toContain('the package fast is a native addon');
  });

  it('changes only with the files of the closure', async () => {
    const projectDir = makeFiles();
    const before = await compileProgram({ projectDir, source });
    writeFileSync(join(projectDir, 'README.md'), 'Other words.');
    expect(await compileProgram({ projectDir, source })).toEqual(before);
    writeFileSync(join(projectDir, 'lib/days.ts'), 'export const days = [0, 1, 3];');
    expect((await compileProgram({ projectDir, source })).closure).not.toEqual(before.closure);
  });
});
