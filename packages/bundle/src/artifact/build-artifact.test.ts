import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileProgram } from '../compile/compile-program.ts';
import { buildArtifact } from './build-artifact.ts';
import { A, B, makeProject, SOURCES, write } from './project.fixture.ts';

let dir: string;
beforeEach(async () => {
  dir = await makeProject();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const digests = async () => {
  const { models } = (await buildArtifact(dir)).manifest;
  return Object.fromEntries(models.map(({ source, model_digest }) => [source, model_digest]));
};

it('gives the same tree the same digest wherever it lies', async () => {
  const other = await makeProject();
  try {
    expect((await buildArtifact(other)).digest).toBe((await buildArtifact(dir)).digest);
  } finally {
    await rm(other, { recursive: true, force: true });
  }
});

it('leaves a model its digest when another is edited', async () => {
  const before = await digests();
  await write(dir, 'models/b.ts', SOURCES['models/b.ts']!.replace('[beta]', '[beta * 2]'));
  const after = await digests();
  expect(after[A]).toBe(before[A]);
  expect(after[B]).not.toBe(before[B]);
});

it.each([
  ['a comment', 'models/a.ts', `${SOURCES['models/a.ts']}// a remark\n`],
  ['what it imports', 'models/scale.ts', 'export const SCALE = 3;\n'],
  ['its data', 'data/observed.csv', 'day,infected\n0,2\n'],
])('gives a model another digest when %s changes', async (_, path, text) => {
  const before = await digests();
  await write(dir, path, text);
  const after = await digests();
  expect(after[A]).not.toBe(before[A]);
  expect(after[B]).toBe(before[B]);
});

it('counts a model’s own files to its closure and not the sdk', async () => {
  const { closure } = await compileProgram({ projectDir: dir, source: A });
  expect(closure.map(({ path }) => path)).toEqual(['models/a.ts', 'models/scale.ts']);
});

it('refuses an import from outside the project', async () => {
  const outside = `${dir}-outside.ts`;
  await write('', outside, 'export const SCALE = 1;\n');
  try {
    await write(dir, 'models/scale.ts', `export { SCALE } from '../../${basename(outside)}';\n`);
    await expect(buildArtifact(dir)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('outside the project'),
    });
  } finally {
    await rm(outside);
  }
});

it('refuses a native addon', async () => {
  await write(dir, 'models/fast.node', '');
  await write(dir, 'models/scale.ts', "import './fast.node';\nexport const SCALE = 1;\n");
  await expect(buildArtifact(dir)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    problems: [{ message: expect.stringContaining('native addon') }],
  });
});

it('names file and line of a syntax error', async () => {
  await write(dir, 'models/a.ts', 'export const fine = 1;\nexport const ModelA = (;\n');
  await expect(buildArtifact(dir)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    problems: [{ path: expect.stringMatching(/^models\/a\.ts:2:/) }],
  });
});

it.each(['models/aa.ts:ModelA', 'models/a.ts:ModelAA'])('says which model %s may have meant', async (source) => {
  await expect(compileProgram({ projectDir: dir, source })).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    hint: `did you mean ${A}?`,
  });
});
