import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localEnvironment } from '@modelops/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadEnvironment, saveEnvironment } from './environments.ts';
import { initProject, loadProject } from './project.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'modelops-project-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const init = (name: string) => initProject(dir, name, localEnvironment(join(dir, 'home')));

it('makes a project once and changes nothing the second time', async () => {
  expect(await init('team/nested/epi-sim')).toMatchObject({ registry_ref: 'local/team/nested/epi-sim', environment: 'local', isNew: true });
  const before = await readFile(join(dir, '.modelops-bundle/config.yaml'), 'utf8');
  expect(await init('team/nested/epi-sim')).toMatchObject({ isNew: false });
  expect(await readFile(join(dir, '.modelops-bundle/config.yaml'), 'utf8')).toBe(before);
});

it('refuses another name for a project that has one', async () => {
  await init('epi-sim');
  await expect(init('other')).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('registry_ref') });
});

it.each(['Epi', 'a//b', '../up', '', 'registry.example:5000/epi'])('refuses the name "%s"', async (name) => {
  await expect(init(name)).rejects.toMatchObject({ code: 'IDENTITY_INVALID', hint: expect.any(String) });
});

it('says which field an unknown one of config.yaml may have meant', async () => {
  await init('epi-sim');
  await writeFile(join(dir, '.modelops-bundle/config.yaml'), 'registry_ref: local/epi-sim\ndefault_tagg: v1\n');
  await expect(loadProject(dir)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    problems: [{ path: 'default_tagg', message: expect.stringContaining('did you mean "default_tag"?') }],
  });
});

it('keeps an environment for its owner alone to read', async () => {
  const environment = { ...localEnvironment(dir), environment: 'dev' };
  const file = await saveEnvironment(environment, dir);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await loadEnvironment('dev', { home: dir, cwd: dir })).toEqual(environment);
});

it('lists the environments that exist when one does not', async () => {
  await saveEnvironment({ ...localEnvironment(dir), environment: 'dev' }, dir);
  await expect(loadEnvironment('prod', { home: dir, cwd: dir })).rejects.toMatchObject({
    code: 'ENVIRONMENT_NOT_FOUND',
    hint: expect.stringContaining('dev, local'),
  });
});
