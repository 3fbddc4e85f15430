import { chmodSync, cpSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digestOf, modelDigestOf } from '@modelops/contracts';
import { buildPrograms, makeFolder, PROJECT, SEIR } from '@modelops/model-host/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../project/project.ts';
import { registerModel } from '../project/register.ts';
import { makeProject } from '../testing/projects.ts';
import { buildArtifact } from './build-artifact.ts';
import { MEDIA } from './layers.ts';

beforeAll(buildPrograms);

const large = new Uint8Array(2 ** 20 + 1).fill(7);

describe('a bundle', () => {
  it('has the same digest for the same tree in another folder, with other file times, and without the cache of the last freeze', async () => {
    const here = await makeProject({ ...PROJECT, 'data/large.bin': large });
    const there = join(makeFolder(), 'deep', 'er');
    cpSync(here, there, { recursive: true });
    utimesSync(join(there, 'README.md'), 1, 1);
    const first = await buildArtifact(here);
    expect((await buildArtifact(there)).manifestBytes).toEqual(first.manifestBytes);
    expect((await buildArtifact(here)).digest).toBe(first.digest); // from its cache
    rmSync(join(here, '.modelops-bundle/cache'), { recursive: true });
    expect((await buildArtifact(here)).digest).toBe(first.digest);
  });

  it('has the same digest without the cache, and lists its target sets', async () => {
    const dir = await makeProject();
    const first = await buildArtifact(dir);
    expect((await buildArtifact(dir, { rebuild: true })).digest).toBe(first.digest);
    expect(first.manifest).not.toHaveProperty('target_sets');
    const { registry } = await loadProject(dir);
    const target_sets = { calibration: ['targets/prevalence.ts:prevalence'] };
    expect((await buildArtifact(dir, { registry: { ...registry, target_sets } })).manifest.target_sets).toEqual(target_sets);
    expect((await loadProject(dir)).registry).toEqual(registry);
  });

  it('has the digest of earlier versions', async () => {
    const dir = await makeProject({
      ...PROJECT,
      'models/seir.ts':
        "import { days } from '../lib/days';\nexport const Seir = { kind: 'modelops.model', describe: () => ({ parameters: [], scenarios: ['baseline'], outputs: ['o'], behaviour: days.length }) };\n",
      'targets/prevalence.ts':
        "export const prevalence = { kind: 'modelops.target', describe: () => ({ output: 'o', data: 'data/observed.csv', behaviour: 1 }) };\n",
    });
    const { digest, manifest } = await buildArtifact(dir);
    expect({ digest, model: manifest.models[0]!.model_digest, target: manifest.targets[0]!.target_digest }).toMatchInlineSnapshot(`
      {
        "digest": "sha256:d94fa0f5debe5f110dba549de4269553e91eeeb8df0a3e80d86688cbc631ecf4",
        "model": "sha256:f9f4e1fb9b4d3e332a50b8b1f7b2a61e9fae2de4a35f8b13350b85f00a74872f",
        "target": "sha256:21b8eb285e9a32e171bd7aace107ff4efa11c43f747752e1dcee49400cbed545",
      }
    `);
  });

  it('is an OCI 1.1 artifact: a config with every file, one layer of code, one for each file above 1 MiB', async () => {
    const { manifestBytes, blobs, manifest } = await buildArtifact(await makeProject({ ...PROJECT, 'data/large.bin': large }));
    const oci = JSON.parse(new TextDecoder().decode(manifestBytes));
    expect(oci).toMatchObject({ schemaVersion: 2, mediaType: MEDIA.manifest, artifactType: MEDIA.artifact });
    expect([oci.config, ...oci.layers].map(({ mediaType }) => mediaType)).toEqual([MEDIA.config, MEDIA.code, MEDIA.file]);
    expect(oci.layers[1].annotations).toEqual({ 'org.opencontainers.image.title': 'data/large.bin' });
    for (const { descriptor, bytes } of blobs) expect(digestOf(await bytes())).toBe(descriptor.digest);
    expect(manifest.files.map(({ path }) => path)).toEqual([
      '.modelops-bundle/compiled/models.seir.Seir.mjs',
      '.modelops-bundle/compiled/models.seir.Seir.mjs.map',
      '.modelops-bundle/compiled/targets.prevalence.prevalence.mjs',
      '.modelops-bundle/compiled/targets.prevalence.prevalence.mjs.map',
      '.modelopsignore',
      'README.md',
      'data/large.bin',
      'data/observed.csv',
      'lib/days.ts',
      'models/seir.ts',
      'targets/prevalence.ts',
    ]);
  });

  it('writes no time, owner or platform into its layer', async () => {
    const { blobs } = await buildArtifact(await makeProject());
    const layer = await blobs[1]!.bytes();
    expect([...layer.subarray(0, 10)].slice(0, 8)).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    const tar = gunzipSync(layer).toString('latin1');
    const field = (start: number, end: number) => tar.slice(start, end).replaceAll('\0', '').trim();
    expect([field(100, 108), field(108, 116), field(116, 124), field(136, 148)]).toEqual(['000644', '000000', '000000', '00000000000']);
  });

  it('keeps executable modes and long and non-ASCII names', async () => {
    const long = `${'d'.repeat(90)}/${'é'.repeat(90)}.txt`;
    const dir = await makeProject({ ...PROJECT, 'run.sh': '#!/bin/sh\n', [long]: 'x' });
    const before = (await buildArtifact(dir)).digest;
    chmodSync(join(dir, 'run.sh'), 0o755);
    expect((await buildArtifact(dir)).digest).not.toBe(before);
    expect((await buildArtifact(dir)).manifest.files.map(({ path }) => path)).toContain(long);
  });
});

describe('a model digest', () => {
  const digests = async (dir: string) => {
    const { models, targets } = (await buildArtifact(dir)).manifest;
    return [models[0]!.model_digest, targets[0]!.target_digest];
  };

  it('is computed from the compiled program, the declared data and the behaviour of the sdk', async () => {
    const dir = await makeProject();
    await registerModel(dir, 'models/seir.ts:Seir', { data: ['data/observed.csv'] });
    const { models, targets, files } = (await buildArtifact(dir)).manifest;
    const file = (path: string) => ({ path, sha256: files.find((one) => one.path === path)!.digest.slice(7) });
    const model = [file('.modelops-bundle/compiled/models.seir.Seir.mjs'), file('data/observed.csv')];
    expect(models[0]!.model_digest).toBe(modelDigestOf({ files: model, lock: null, behaviour: models[0]!.description.behaviour }));
    const target = [file('.modelops-bundle/compiled/targets.prevalence.prevalence.mjs'), file('data/observed.csv')];
    expect(targets[0]!.target_digest).toBe(modelDigestOf({ files: target, lock: null, behaviour: targets[0]!.description.behaviour }));
  });

  it('changes with the model’s imports, without changing the target’s', async () => {
    const dir = await makeProject();
    const [model, target] = await digests(dir);
    writeFileSync(join(dir, 'README.md'), 'Other words.');
    expect(await digests(dir)).toEqual([model, target]);
    writeFileSync(join(dir, 'lib/days.ts'), 'export const days: number[] = [0];\n');
    const [changed, same] = await digests(dir);
    expect([changed === model, same === target]).toEqual([false, true]);
    writeFileSync(join(dir, 'data/observed.csv'), 'day,infected\n0,9\n');
    expect((await digests(dir))[0]).toBe(changed);
    expect((await digests(dir))[1]).not.toBe(target);
  });

  it('does not change when another model is edited, and changes with its declared data', async () => {
    const dir = await makeProject({ ...PROJECT, 'models/other.ts': SEIR, 'data/contacts.csv': 'a\n1\n' });
    await registerModel(dir, 'models/other.ts:Seir', { data: ['data/contacts.csv'] });
    const digestsOf = async () => (await buildArtifact(dir)).manifest.models.map(({ model_digest }) => model_digest);
    const [other, seir] = await digestsOf();
    writeFileSync(join(dir, 'models/other.ts'), `${SEIR}// a remark\n`);
    expect(await digestsOf()).toEqual([other, seir]); // the compiled program is the same
    writeFileSync(join(dir, 'models/other.ts'), SEIR.replace('n0 * beta', 'n0 + beta'));
    const [edited, same] = await digestsOf();
    expect([edited === other, same]).toEqual([false, seir]);
    writeFileSync(join(dir, 'data/contacts.csv'), 'a\n2\n');
    expect((await digestsOf())[0]).not.toBe(edited);
    expect((await digestsOf())[1]).toBe(seir);
  });

  it('comes with a description from the declared data alone, made again when they change, with and without the cache', async () => {
    const places = `import { readFileSync } from 'node:fs';
import { choice, defineModel } from '@modelops/sdk';
const names = readFileSync('data/places.txt', 'utf8').split(',') as [string, string];
export const Places = defineModel({ parameters: { place: choice(...names) }, outputs: ['o'], simulate: () => ({ o: { x: [1] } }) });`;
    const dir = await makeProject({ ...PROJECT, 'models/places.ts': places, 'data/places.txt': 'a,b' });
    const source = 'models/places.ts:Places';
    expect(await registerModel(dir, source)).toMatchObject({ undeclared: ['data/places.txt'], parameters: [{ values: ['a', 'b'] }] });
    expect((await buildArtifact(dir)).damaged).toMatchObject([
      {
        source,
        error: { code: 'MODEL_INVALID', hint: expect.stringContaining(`modelops-bundle register-model ${source} --data data/places.txt`) },
      },
    ]);
    await registerModel(dir, source, { data: ['data/places.txt'] });
    for (const values of [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      writeFileSync(join(dir, 'data/places.txt'), values.join());
      const { manifest, digest } = await buildArtifact(dir);
      expect(manifest.models.find((model) => model.source === source)!.description.parameters).toMatchObject([{ values }]);
      rmSync(join(dir, '.modelops-bundle/cache'), { recursive: true });
      expect((await buildArtifact(dir)).digest).toBe(digest);
    }
  });

  it('comes with a description of the current sources, not of those at registration', async () => {
    const dir = await makeProject();
    writeFileSync(join(dir, 'models/seir.ts'), SEIR.replace('float(0.1, 2)', 'float(0.5, 3)'));
    const { manifest } = await buildArtifact(dir);
    expect(manifest.models[0]!.description.parameters[0]).toMatchObject({ name: 'beta', min: 0.5, max: 3 });
    expect((await loadProject(dir)).registry.models[0]!.description.parameters[0]).toMatchObject({ min: 0.1 });
  });
});

it('does not change the registry of the project', async () => {
  const dir = await makeProject();
  const before = readFileSync(join(dir, '.modelops-bundle/registry.yaml'), 'utf8');
  await buildArtifact(dir);
  expect(readFileSync(join(dir, '.modelops-bundle/registry.yaml'), 'utf8')).toBe(before);
});
