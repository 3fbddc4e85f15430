import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localEnvironment } from '@modelops/contracts';
import { ACTIVE_LOCK, WHEELS } from '@modelops/model-host';
import { makeFiles, makeFolder, makeWheel } from '@modelops/model-host/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { adoptBundle, choosePython, initProject, loadProject, saveConfig } from '../project/project.ts';
import { registerModel } from '../project/register.ts';
import { createMemoryProvider } from '../testing/memory-provider.ts';
import { buildArtifact } from './build-artifact.ts';
import { ensureLocal } from './ensure-local.ts';
import { pullBundle } from './pull-bundle.ts';
import { pushBundle } from './push-bundle.ts';

const MODEL = `from modelops import Float, model

@model(parameters={"x": Float(0, 1)}, outputs=["out"])
def m(x):
    return {"out": {"x": [x]}}
`;

beforeEach(() => {
  vi.stubEnv('MODELOPS_HOME', makeFolder());
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** A project with a Python model and the package `tiny`, whose wheel is the whole package index. */
async function setup() {
  const wheel = makeWheel('tiny', '1.0', 'answer = 42');
  vi.stubEnv('PIP_NO_INDEX', '1').stubEnv('UV_OFFLINE', '1');
  vi.stubEnv('PIP_FIND_LINKS', wheel.folder).stubEnv('UV_FIND_LINKS', wheel.folder);
  const dir = makeFiles({ 'models/m.py': MODEL, 'requirements.txt': 'tiny\n' });
  await initProject(dir, 'team/epi-sim', localEnvironment('/nowhere'));
  const provider = createMemoryProvider();
  const push = () => pushBundle({ projectDir: dir, provider, repository: 'team/epi-sim', tag: 'latest' });
  const freezeWheels = async () => saveConfig(dir, { ...(await loadProject(dir)).config, freeze_wheels: true });
  return { dir, wheel, provider, push, freezeWheels };
}

it('compiles requirements without hashes at push and puts the compiled lock into the bundle', async () => {
  const { dir, push } = await setup();
  await registerModel(dir, 'models/m.py:m');
  const { manifest } = await push();
  expect(manifest.models[0]).toMatchObject({ lock: 'requirements.lock.txt' });
  expect(manifest.files.map(({ path }) => path)).toContain('requirements.lock.txt');
  expect(readFileSync(join(dir, 'requirements.lock.txt'), 'utf8')).toContain('tiny==1.0');
});

it('pushes each wheel once, as a separate layer with its own digest, also for another platform', { timeout: 180_000 }, async () => {
  const { dir, wheel, provider, push, freezeWheels } = await setup();
  await registerModel(dir, 'models/m.py:m');
  const before = (await push()).manifest.models[0]!;
  await freezeWheels();
  const digest = `sha256:${wheel.sha256}`;
  const { uploaded, manifest, ref } = await push();
  expect(uploaded.find((one) => one.digest === digest)).toMatchObject({
    annotations: { 'org.opencontainers.image.title': `${WHEELS}${wheel.file}` },
  });
  expect(manifest.models[0]).toEqual(before); // results stay valid

  writeFileSync(join(dir, 'models/m.py'), `${MODEL}\n# edited\n`);
  const { reused } = await push();
  expect(reused.map((one) => one.digest)).toContain(digest);
  expect(provider.calls.filter((call) => call === `push ${digest}`)).toHaveLength(1);

  const local = await ensureLocal(ref, { provider, cacheDir: makeFolder() });
  expect(readdirSync(join(local.dir, WHEELS))).toEqual([wheel.file, 'wheels.json']);
  const pulled = makeFolder();
  await adoptBundle(pulled, 'local/team/epi-sim', (await pullBundle({ ref, dir: pulled, provider })).manifest);
  expect(existsSync(join(pulled, WHEELS, wheel.file))).toBe(true);
  expect((await loadProject(pulled)).config.freeze_wheels).toMatchObject({ python: expect.stringMatching(/^3\.\d+$/) });

  const target = { platform: process.arch === 'arm64' ? 'linux/amd64' : 'linux/arm64', python: '3.19' } as const;
  const elsewhere = await pushBundle({ projectDir: dir, provider, repository: 'team/epi-sim', tag: 'latest', freezeWheels: target });
  expect(elsewhere.reused.map((one) => one.digest)).toContain(digest); // a wheel for every platform
  const again = makeFolder();
  await adoptBundle(again, 'local/team/epi-sim', (await pullBundle({ ref: elsewhere.ref, dir: again, provider })).manifest);
  expect((await loadProject(again)).config.freeze_wheels).toEqual(target);
});

it('uses the installed distributions of the active interpreter as the lock, without wheels', async () => {
  const { dir, push, freezeWheels } = await setup();
  await choosePython(dir, 'active');
  await registerModel(dir, 'models/m.py:m');
  const { manifest } = await push();
  expect(manifest.models[0]).toMatchObject({ lock: ACTIVE_LOCK });
  expect(existsSync(join(dir, 'requirements.lock.txt'))).toBe(false);
  await freezeWheels();
  await expect(push()).rejects.toMatchObject({ code: 'PYTHON_ENVIRONMENT_FAILED', hint: expect.stringContaining('--python lock') });
});

it('starts no interpreter for a project without Python models, even with a lock', async () => {
  const dir = makeFiles({ 'requirements.txt': 'tiny\n' });
  await initProject(dir, 'm', localEnvironment('/nowhere'));
  vi.stubEnv('MODELOPS_PYTHON', '/no/python');
  mkdirSync(join(dir, 'data'));
  expect((await buildArtifact(dir)).manifest.files.map(({ path }) => path)).toContain('requirements.txt');
});
