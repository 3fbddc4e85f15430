import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readText } from '../read-input.ts';
import { readConfig, readStudy } from './read-study.ts';
import { chooseBundle } from './resolve-bundle.ts';

const YAML = 'model: models/seir.ts:SEIR\nparameter_sets:\n  - beta: 1\n  - {params: {beta: 2}, seed: 7}\nn_replicates: 2\n';
const JSON_TEXT =
  '{"model": "models/seir.ts:SEIR", "parameter_sets": [{"beta": 1}, {"params": {"beta": 2}, "seed": 7}], "n_replicates": 2}';
const STUDY = { model: 'models/seir.ts:SEIR', n_replicates: 2, parameter_sets: [{ beta: 1 }, { params: { beta: 2 }, seed: 7 }] };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'read-study-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const reading = (text: string, file = '-') => {
  if (file !== '-') writeFileSync(join(cwd, file), text);
  return readStudy(file, { cwd, readStdin: async () => text });
};

describe('readStudy', () => {
  it.each([
    ['JSON on stdin', JSON_TEXT, '-'],
    ['YAML on stdin', YAML, '-'],
    ['JSON that begins with a byte order mark and blanks', `\uFEFF \n${JSON_TEXT}`, 's.json'],
    ['YAML by its name', YAML, 's.yaml'],
    ['YAML by its name, in capitals', YAML, 'S.YML'],
    ['JSON in a file of another name', JSON_TEXT, 's.study'],
    ['YAML in a file of another name', YAML, 'study'],
    ['JSON in a YAML file, which is YAML too', JSON_TEXT, 's.yml'],
  ])('reads %s', async (_what, text, file) => {
    expect((await reading(text, file)).study).toMatchObject(STUDY);
  });

  it('reports the problem and its location', async () => {
    await expect(reading('')).rejects.toMatchObject({
      code: 'STUDY_INVALID',
      message: expect.stringMatching(/the study on stdin.*it is empty/),
    });
    await expect(reading('a: b: c', 's.yaml')).rejects.toMatchObject({
      code: 'STUDY_INVALID',
      message: 's.yaml is not valid YAML at line 1, column 4',
    });
    await expect(reading('{"model": ', 'x')).rejects.toMatchObject({ message: expect.stringMatching(/x is not valid JSON/) });
    await expect(reading('just words', 'x.yaml')).rejects.toMatchObject({ code: 'STUDY_INVALID' });
    await expect(readStudy('none.json', { cwd, readStdin: async () => '' })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: 'none.json not found',
    });
    await expect(readStudy('.', { cwd, readStdin: async () => '' })).rejects.toMatchObject({ message: '. is a folder, not a file' });
  });

  it.each([
    ['a cycle', 'model: a\nmetadata: &m\n  again: *m\n', 's.yaml', /nested more than 100 levels/],
    ['deep metadata', `{"metadata": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 's.json', /nested more than 100 levels/],
    ['deep YAML', `metadata: ${'['.repeat(50_000)}`, 's.yaml', /not valid YAML/],
    ['a parameter named __proto__', JSON_TEXT.replace('"beta": 1', '"__proto__": 1'), 's.json', /__proto__ is not allowed as a name/],
    ['a field given twice', JSON_TEXT.replace('"beta": 1', '"beta": 1, "beta": 2'), 's.json', /the field "beta" is given twice/],
    ['a field given twice in YAML', 'model: a\nmodel: b\n', 's.yaml', /not valid YAML at line 2/],
  ])('refuses %s', async (_what, text, file, message) => {
    await expect(reading(text, file)).rejects.toMatchObject({ code: 'STUDY_INVALID', message: expect.stringMatching(message) });
  });

  it('rejects stdin over the size limit', async () => {
    const endless = (async function* () {
      for (;;) yield new Uint8Array(1024);
    })();
    await expect(readText(endless, 10_000)).rejects.toMatchObject({ code: 'FILE_INVALID', message: 'stdin is larger than 9.8 KiB' });
  });
});

describe('readConfig', () => {
  it('accepts only an object', async () => {
    writeFileSync(join(cwd, 'c.yaml'), 'horizon: 90\nregions: [a, b]\n');
    writeFileSync(join(cwd, 'list.json'), '[1]');
    const files = { cwd, readStdin: async () => '' };
    expect(await readConfig('c.yaml', files)).toEqual({ horizon: 90, regions: ['a', 'b'] });
    await expect(readConfig('list.json', files)).rejects.toMatchObject({
      code: 'FILE_INVALID',
      message: 'list.json does not contain an object',
    });
  });
});

describe('chooseBundle', () => {
  it('uses the working tree unless a bundle is named', () => {
    expect(chooseBundle({ build: false, auto: false })).toEqual({ kind: 'tree', path: '.', rebuild: false });
    expect(chooseBundle({ build: false, auto: true })).toEqual({ kind: 'tree', path: '.', rebuild: false });
    expect(chooseBundle({ build: true, auto: false })).toEqual({ kind: 'tree', path: '.', rebuild: true });
    expect(chooseBundle({ bundle: 'local:../other', build: false, auto: false })).toEqual({
      kind: 'tree',
      path: '../other',
      rebuild: false,
    });
    expect(chooseBundle({ bundle: 'latest', build: false, auto: false })).toEqual({ kind: 'pushed', name: 'latest' });
  });
  it('rejects two choices, naming both', () => {
    expect(() => chooseBundle({ bundle: 'latest', build: true, auto: false })).toThrow('--bundle and --build cannot be combined');
    expect(() => chooseBundle({ build: true, auto: true })).toThrow('--build and --auto');
  });
});
