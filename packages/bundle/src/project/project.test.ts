import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BundleEnvironment, localEnvironment, Secret } from '@modelops/contracts';
import { buildPrograms, makeFiles, makeFolder, SEIR, TARGET } from '@modelops/model-host/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeProject } from '../testing/projects.ts';
import { findBundleProject, initProject, loadProject } from './project.ts';
import { registerModel, registerTarget } from './register.ts';
import { unregister, unregisterSet } from './unregister.ts';

beforeAll(buildPrograms);

const local = localEnvironment('/nowhere');
const remote = (login_server: string): BundleEnvironment => ({
  ...local,
  environment: 'dev',
  registry: { provider: 'docker', login_server, requires_auth: false, insecure: false },
  storage: { provider: 'azure', container: 'results', connection_string: new Secret('AccountKey=secret') },
});

describe('initProject', () => {
  it.each([
    ['epi-sim', local, 'local/epi-sim'],
    ['team/nested/epi-sim', local, 'local/team/nested/epi-sim'],
    ['team/nested/epi-sim', remote('registry.example:5000'), 'registry.example:5000/team/nested/epi-sim'],
    ['a_b/c-d.e__f', remote('localhost:5000'), 'localhost:5000/a_b/c-d.e__f'],
  ])('names %s in front of its registry', async (name, environment, ref) => {
    const dir = makeFolder();
    expect(await initProject(dir, name, environment)).toEqual({
      dir,
      registry_ref: ref,
      environment: environment.environment,
      is_new: true,
    });
    expect((await loadProject(dir)).config).toMatchObject({ registry_ref: ref, default_tag: 'latest' });
    expect(readFileSync(join(dir, '.modelops-bundle/env'), 'utf8')).toBe(`${environment.environment}\n`);
    expect(readFileSync(join(dir, '.modelopsignore'), 'utf8')).toContain('node_modules/');
  });

  it('writes no secret of the environment into the project', async () => {
    const dir = makeFolder();
    await initProject(dir, 'epi', remote('registry.example'));
    expect(readFileSync(join(dir, '.modelops-bundle/config.yaml'), 'utf8')).not.toContain('secret');
  });

  it('changes nothing the second time, and refuses another name', async () => {
    const dir = makeFolder();
    await initProject(dir, 'epi', local);
    writeFileSync(join(dir, '.modelopsignore'), 'mine\n');
    expect(await initProject(dir, 'epi', local)).toMatchObject({ is_new: false });
    expect(readFileSync(join(dir, '.modelopsignore'), 'utf8')).toBe('mine\n');
    await expect(initProject(dir, 'other', local)).rejects.toMatchObject({ code: 'CONFLICT', exit: 4 });
  });

  it.each(['Epi', 'a//b', '../a', 'a/', '', 'a b', '-a'])('refuses the name %j with the rule, and creates nothing', async (name) => {
    const dir = makeFolder();
    await expect(initProject(dir, name, local)).rejects.toMatchObject({
      code: 'IDENTITY_INVALID',
      hint: expect.stringContaining('lowercase'),
    });
    expect(existsSync(join(dir, '.modelops-bundle'))).toBe(false);
  });

  it('refuses a name with a registry in it, and a registry that is not a host', async () => {
    await expect(initProject(makeFolder(), 'registry.example/epi', local)).rejects.toMatchObject({
      hint: expect.stringContaining('e.g. epi'),
    });
    await expect(initProject(makeFolder(), 'epi', remote('registry'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('findBundleProject', () => {
  it('finds the nearest project at or above a folder', async () => {
    const dir = await makeProject();
    expect(findBundleProject(join(dir, 'models'))).toBe(dir);
    const inner = join(dir, 'inner');
    mkdirSync(inner);
    await initProject(inner, 'inner', local);
    expect(findBundleProject(inner)).toBe(inner);
    expect(() => findBundleProject(makeFolder())).toThrow(
      expect.objectContaining({ code: 'PROJECT_NOT_FOUND', hint: expect.stringContaining('init') }),
    );
  });
});

describe('loadProject', () => {
  it('reports every problem of an edited file, with the nearest known field', async () => {
    const dir = await makeProject();
    writeFileSync(join(dir, '.modelops-bundle/config.yaml'), 'registry_ref: Not/A/Name\ndefault_tga: x\n');
    await expect(loadProject(dir)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ path: 'registry_ref' }, { path: 'default_tga', message: expect.stringContaining('did you mean "default_tag"?') }],
    });
    const wheels = (value: string) => `registry_ref: local/m\nfreeze_wheels: ${value}\n`;
    writeFileSync(join(dir, '.modelops-bundle/config.yaml'), wheels('{ platform: linux/arm64, python: 3.12 }'));
    await expect(loadProject(dir)).rejects.toMatchObject({
      problems: [{ path: 'freeze_wheels', message: expect.stringContaining('python (such as "3.12", in quotes)') }],
    });
    writeFileSync(join(dir, '.modelops-bundle/config.yaml'), wheels('{ platform: linux/arm64, python: "3.12" }'));
    expect((await loadProject(dir)).config.freeze_wheels).toEqual({ platform: 'linux/arm64', python: '3.12' });
    writeFileSync(join(dir, '.modelops-bundle/config.yaml'), 'a: [1,\n');
    await expect(loadProject(dir)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('not valid YAML') });
  });
});

describe('registering', () => {
  it('saves the declarations of models and targets, sorted, each once', async () => {
    const dir = await makeProject();
    writeFileSync(join(dir, 'models/a.ts'), SEIR);
    await registerModel(dir, 'models/a.ts:Seir', { data: ['./data/observed.csv', 'data/observed.csv'] });
    await registerModel(dir, './models/seir.ts:Seir');
    const { models, targets } = (await loadProject(dir)).registry;
    expect(models.map(({ source, data }) => [source, data])).toEqual([
      ['models/a.ts:Seir', ['data/observed.csv']],
      ['models/seir.ts:Seir', []],
    ]);
    expect(targets).toMatchObject([
      { source: 'targets/prevalence.ts:prevalence', description: { output: 'prevalence', data: 'data/observed.csv' } },
    ]);
  });

  it('keeps declared data when a model is registered again, until it is removed', async () => {
    const dir = await makeProject();
    writeFileSync(join(dir, 'data/more.csv'), '1');
    const register = (options?: Parameters<typeof registerModel>[2]) => registerModel(dir, 'models/seir.ts:Seir', options);
    await register({ data: ['data/observed.csv'] });
    expect((await register()).data).toEqual(['data/observed.csv']);
    expect((await register({ data: ['data/more.csv'] })).data).toEqual(['data/more.csv', 'data/observed.csv']);
    expect((await register({ removeData: ['./data/observed.csv'] })).data).toEqual(['data/more.csv']);
    rmSync(join(dir, 'data/more.csv'));
    await expect(register()).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      hint: expect.stringContaining('--remove-data data/more.csv'),
    });
  });

  it('names the target whose data file does not exist, and where to correct it', async () => {
    const dir = await makeProject();
    writeFileSync(
      join(dir, 'targets/other.ts'),
      readFileSync(join(dir, 'targets/prevalence.ts'), 'utf8').replace('observed.csv', 'gone.csv'),
    );
    await expect(registerTarget(dir, 'targets/other.ts:prevalence')).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: `data file data/gone.csv of targets/other.ts:prevalence not found in ${dir}`,
      hint: 'correct its path, relative to the project folder, in targets/other.ts:prevalence',
    });
  });

  it('lists the files that a trial run of the model opens, and declares them on request', async () => {
    const dir = await makeProject();
    const outside = join(makeFiles(), 'data/observed.csv');
    writeFileSync(
      join(dir, 'models/seir.ts'),
      `import { readFileSync } from 'node:fs';\nreadFileSync(${JSON.stringify(outside)});\n${SEIR.replace('=> ({ prevalence', "=> readFileSync('data/observed.csv') && ({ prevalence")}`,
    );
    expect(readFileSync(join(dir, 'models/seir.ts'), 'utf8')).toContain("readFileSync('data/observed.csv') &&");
    const report = { undeclared: ['data/observed.csv'], outside: [outside], trial_problem: null };
    expect(await registerModel(dir, 'models/seir.ts:Seir')).toMatchObject({ data: [], ...report });
    const detected = await registerModel(dir, 'models/seir.ts:Seir', { detectData: true });
    expect(detected).toMatchObject({ data: ['data/observed.csv'], undeclared: [] });
  });

  it('accepts names relative to a folder of the project, and import paths', async () => {
    const dir = await makeProject();
    expect((await registerModel(dir, 'seir.ts:Seir', { cwd: join(dir, 'models') })).source).toBe('models/seir.ts:Seir');
    expect((await registerModel(dir, '../models/seir.ts:Seir', { cwd: join(dir, 'targets') })).source).toBe('models/seir.ts:Seir');
    expect((await registerTarget(dir, 'targets.prevalence:prevalence')).source).toBe('targets/prevalence.ts:prevalence');
    await expect(registerModel(dir, `${makeFiles()}/models/seir.ts:Seir`)).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
  });

  it('adds a target to the given sets, each once, and keeps earlier ones', async () => {
    const dir = await makeProject();
    await registerTarget(dir, 'targets/prevalence.ts:prevalence', { sets: ['calibration', 'all'] });
    writeFileSync(join(dir, 'targets/second.ts'), TARGET.replace('const prevalence', 'const second'));
    await registerTarget(dir, 'targets/second.ts:second', { sets: ['all'] });
    await registerTarget(dir, 'targets/second.ts:second', { sets: ['all'] });
    expect((await loadProject(dir)).registry.target_sets).toEqual({
      calibration: ['targets/prevalence.ts:prevalence'],
      all: ['targets/prevalence.ts:prevalence', 'targets/second.ts:second'],
    });
    await expect(registerTarget(dir, 'targets/second.ts:second', { sets: ['Not A Name'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('sets the weight of a target in the given sets, kept until the target is unregistered', async () => {
    const dir = await makeProject();
    const source = 'targets/prevalence.ts:prevalence';
    await registerTarget(dir, source, { sets: ['fit', 'all'], weight: 2 });
    await registerTarget(dir, source, { sets: ['fit'], weight: 0.5 });
    await registerTarget(dir, source, { sets: ['all'] });
    expect((await loadProject(dir)).registry.target_set_weights).toEqual({ fit: { [source]: 0.5 }, all: { [source]: 2 } });
    await expect(registerTarget(dir, source, { weight: 2 })).rejects.toMatchObject({ code: 'USAGE' });
    await unregisterSet(dir, 'fit');
    expect((await loadProject(dir)).registry.target_set_weights).toEqual({ all: { [source]: 2 } });
    await unregister(dir, source, 'target');
    expect((await loadProject(dir)).registry.target_set_weights).toEqual({});
    const file = join(dir, '.modelops-bundle/registry.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}target_set_weights: { fit: { ${JSON.stringify(source)}: 2 } }\n`);
    await expect(loadProject(dir)).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining('is not a target of the set fit') }],
    });
  });

  it('is undone by unregistering, which removes a target from its sets, and suggests the nearest name for an unknown one', async () => {
    const dir = await makeProject();
    await registerTarget(dir, 'targets/prevalence.ts:prevalence', { sets: ['calibration'] });
    expect(await unregister(dir, 'targets.prevalence:prevalence', 'target')).toEqual({
      source: 'targets/prevalence.ts:prevalence',
      sets: ['calibration'],
    });
    expect((await loadProject(dir)).registry).toMatchObject({ targets: [], target_sets: {} });
    // No other one is suggested: the hint may be typed as it is.
    await expect(unregister(dir, 'models/malaria.ts:Malaria', 'model')).rejects.toMatchObject({ hint: 'modelops-bundle list' });
    await expect(unregister(dir, 'models/sier.ts:Seir', 'model')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: 'modelops-bundle unregister-model models/seir.ts:Seir',
    });
  });

  it('removes a target set, and leaves its targets registered', async () => {
    const dir = await makeProject();
    await registerTarget(dir, 'targets/prevalence.ts:prevalence', { sets: ['calibration', 'all'] });
    await expect(unregisterSet(dir, 'weekly')).rejects.toMatchObject({
      hint: expect.stringMatching(/^registered are (all, calibration|calibration, all)$/),
    });
    await expect(unregisterSet(dir, 'calibratoin')).rejects.toMatchObject({
      code: 'TARGET_NOT_FOUND',
      hint: 'modelops-bundle unregister-target-set calibration',
    });
    const targets = ['targets/prevalence.ts:prevalence'];
    expect(await unregisterSet(dir, 'calibration')).toEqual({ set: 'calibration', targets });
    expect((await loadProject(dir)).registry).toMatchObject({ targets: [{ source: targets[0] }], target_sets: { all: targets } });
  });

  it('refuses data that is missing or outside the project, and a target without its observed data, and changes nothing', async () => {
    const dir = await makeProject();
    const before = readFileSync(join(dir, '.modelops-bundle/registry.yaml'), 'utf8');
    await expect(registerModel(dir, 'models/seir.ts:Seir', { data: ['data/gone.csv'] })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(registerModel(dir, 'models/seir.ts:Seir', { data: ['data'] })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(registerModel(dir, 'models/seir.ts:Seir', { data: ['a/../../x'] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(registerModel(dir, 'models/seir.ts:Seir', { data: ['/etc/passwd'] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    writeFileSync(
      join(dir, 'targets/t.ts'),
      "export const t = { kind: 'modelops.target', describe: () => ({ output: 'o', data: 'data/no.csv', behaviour: 1 }) };",
    );
    await expect(registerTarget(dir, 'targets/t.ts:t')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(readFileSync(join(dir, '.modelops-bundle/registry.yaml'), 'utf8')).toBe(before);
  });
});
