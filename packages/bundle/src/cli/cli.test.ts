import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { buildPrograms, makeFiles, makeFolder, SEIR, TARGET } from '@modelops/model-host/testing';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { modelopsBundle } from '../program.ts';
import { loadEnvironment, saveEnvironment } from '../project/environments.ts';

let home: string;
let dir: string;

beforeAll(buildPrograms);
beforeEach(() => {
  home = makeFolder();
  dir = makeFiles();
});

async function run(line: string, cwd = dir) {
  const io = createMemoryIo({ cwd });
  const status = await runProgram({
    ...modelopsBundle,
    argv: line.split(' '),
    io,
    deps: () => ({ cwd, home, environment: (name) => loadEnvironment(name, { home, cwd }) }),
  });
  return { status, out: io.stdout.text, err: io.stderr.text };
}

async function good(line: string, cwd = dir): Promise<string> {
  const { status, out, err } = await run(line, cwd);
  expect(err).toBe('');
  expect(status).toBe(0);
  return out;
}

const data = async (line: string, cwd = dir) => JSON.parse(await good(`${line} --json`, cwd));

async function pushed() {
  await good('init team/nested/epi-sim');
  await good('register-model models/seir.ts');
  await good('register-target targets/prevalence.ts:prevalence');
  return data('push');
}

describe('modelops-bundle', () => {
  it('prints after each step what was done and the next command', async () => {
    expect(await good('init epi-sim')).toBe(
      `initialised local/epi-sim in ${dir}\nnext: modelops-bundle register-model models/NAME.py (or models/NAME.ts)\n`,
    );
    expect(await good('register-model models/seir.ts')).toBe(
      'registered models/seir.ts:Seir: 2 parameters (beta, n0), scenarios baseline, lockdown, outputs prevalence\nnext: cb sampling sobol models/seir.ts:Seir --n-samples 256 --output study.json\n',
    );
    expect(await good('register-target targets/prevalence.ts:prevalence')).toBe(
      'registered targets/prevalence.ts:prevalence: output prevalence, data data/observed.csv\nnext: modelops-bundle push\n',
    );
    expect(await good('register-target targets/prevalence.ts')).toContain('registered targets/prevalence.ts:prevalence: ');
    expect(await good('status')).toMatch(/never pushed as latest\n {2}model models\/seir\.ts:Seir, no data\nnext: modelops-bundle push/);
    expect(await good('push')).toMatch(
      /^epi-sim@sha256:[0-9a-f]{64}\n {2}tag latest in environment local; 10 files; 2 blobs uploaded, 0 already in the registry\n {2}model models\/seir.ts:Seir [0-9a-f]{12}\n {2}target .*\nnext: mops jobs submit study.json --bundle latest\n$/,
    );
    expect(await good('status')).toMatch(/unchanged since latest \([0-9a-f]{12}\)\n {2}model models\/seir\.ts:Seir, no data\n$/);
    expect(await good('list')).toMatch(
      /KIND {4}NAME[\s\S]*model {3}models\/seir.ts:Seir[\s\S]*target[\s\S]*tag {5}latest {2,}[0-9a-f]{12}\n$/,
    );
  });

  it('offers the files that a model opens, declares them with --detect-data, and keeps and shows them', async () => {
    await good('init epi-sim');
    writeFileSync(join(dir, 'models/seir.ts'), `import { readFileSync } from 'node:fs';\nreadFileSync('data/observed.csv');\n${SEIR}`);
    const offered = await run('register-model models/seir.ts');
    expect(offered).toMatchObject({
      status: 0,
      err: [
        'warning: models/seir.ts:Seir opens undeclared files: data/observed.csv',
        '  they do not exist in a job; to declare them: modelops-bundle register-model models/seir.ts:Seir --data data/observed.csv\n',
      ].join('\n'),
    });
    expect((await run('push')).err).toContain('warning: model models/seir.ts:Seir is not in the bundle: ');
    expect(await good('register-model models/seir.ts --detect-data')).toContain('outputs prevalence, data data/observed.csv\n');
    expect(await good('register-model models/seir.ts')).toContain('outputs prevalence, data data/observed.csv\n');
    expect(await good('list')).toMatch(
      /model +models\/seir\.ts:Seir +2 parameters, scenarios baseline, lockdown, data data\/observed\.csv/,
    );
    expect(await good('status')).toMatch(
      /differs from latest \([0-9a-f]{12}\): no file, but its models, targets or environment\n {2}model models\/seir\.ts:Seir, data data\/observed\.csv\n/,
    );
  });

  it('warns of a target of an output that no registered model has', async () => {
    await good('init epi-sim');
    writeFileSync(join(dir, 'targets/other.ts'), TARGET.replace("output: 'prevalence'", "output: 'deaths'"));
    expect((await run('register-target targets/other.ts')).err).toBe('');
    await good('register-model models/seir.ts');
    expect(await run('register-target targets/other.ts')).toMatchObject({
      status: 0,
      err: 'warning: no registered model has the output deaths of targets/other.ts:prevalence\n',
    });
    expect((await run('register-target targets/prevalence.ts')).err).toBe('');
  });

  it('warns of a model whose source was deleted, freezes the others, and unregisters it', async () => {
    await good('init epi-sim');
    writeFileSync(join(dir, 'models/other.ts'), SEIR);
    for (const model of ['models/seir.ts', 'models/other.ts']) await good(`register-model ${model}`);
    rmSync(join(dir, 'models/other.ts'));
    for (const command of ['status', 'push', 'list']) {
      const { status, out, err } = await run(command);
      expect([status, out]).toEqual([0, expect.stringContaining('model')]);
      if (command !== 'list')
        expect(err).toMatch(
          /^warning: model models\/other\.ts:Seir is not in the bundle: file models\/other\.ts not found[\s\S]*modelops-bundle unregister-model models\/other\.ts:Seir\n$/,
        );
    }
    expect(await good('unregister-model models/other.ts:Seir')).toContain('unregistered models/other.ts:Seir\n');
    expect(await good('push')).toContain('model models/seir.ts:Seir');
  });

  it('pushes only missing blobs, to the repository of its name', async () => {
    const { ref, digest, uploaded } = await pushed();
    expect(ref).toBe(`team/nested/epi-sim@${digest}`);
    expect(uploaded).toHaveLength(2);
    expect(existsSync(join(home, 'registry/team/nested/epi-sim/index.json'))).toBe(true);
    expect(await data('push --tag v2')).toMatchObject({ digest, uploaded: [], tag: 'v2' });
    expect((await data('list')).tags).toEqual([
      { tag: 'latest', digest },
      { tag: 'v2', digest },
    ]);
  });

  it('freezes wheels until this is turned off', async () => {
    await pushed();
    const config = () => readFileSync(join(dir, '.modelops-bundle/config.yaml'), 'utf8');
    await good('push --freeze-wheels');
    await good('push');
    expect(config()).toContain('freeze_wheels: true');
    await good('push --no-freeze-wheels');
    expect(config()).toContain('freeze_wheels: false');
    await good('push --platform linux/arm64 --python-version 3.12');
    expect(config()).toContain('freeze_wheels:\n  platform: linux/arm64\n  python: "3.12"');
  });

  it('saves the options of a push only if the push succeeds', async () => {
    await pushed();
    const config = () => readFileSync(join(dir, '.modelops-bundle/config.yaml'), 'utf8');
    const before = config();
    writeFileSync(join(dir, 'a\\b'), ''); // not a path that a bundle can have
    expect(await run('push --freeze-wheels --python active')).toMatchObject({ status: 2, err: expect.stringContaining('cannot freeze') });
    expect(config()).toBe(before);
    expect(existsSync(join(dir, '.modelops-bundle/python'))).toBe(false);
    for (const options of ['--python-version 3.12', '--platform linux/arm64 --no-freeze-wheels', '--platform plan9'])
      expect(await run(`push ${options}`)).toMatchObject({ status: 2, out: '' });
  });

  it('shows the lock and the environment of Python models, and names the missing lock file', async () => {
    vi.stubEnv('MODELOPS_HOME', home);
    await good('init epi-sim');
    expect(await run('env lock')).toMatchObject({
      status: 3,
      err: expect.stringContaining('no uv.lock, pylock.toml or requirements.txt found'),
    });
    expect(await good('env show')).toMatch(/^no lock: models use the standard library of Python 3\.\d+ on /);
    writeFileSync(join(dir, 'requirements.txt'), 'tiny\n');
    expect(await data('env show')).toMatchObject({
      needs_compiling: true,
      is_built: false,
      lock: { file: 'requirements.txt', is_active: false },
    });
    writeFileSync(join(dir, 'pylock.toml'), 'packages = []\n');
    const shown = await data('env show');
    expect(shown).toMatchObject({ lock: { file: 'pylock.toml' }, packages: [], is_built: false, frozen_wheels: 0, frozen_for: null });
    expect(shown.environment).toMatch(/cache\/environments\/[0-9a-f]{12}$/);
    vi.unstubAllEnvs();
  });

  it('shows what changed since the last push', async () => {
    await pushed();
    writeFileSync(join(dir, 'models/seir.ts'), SEIR.replace('int(1, 10)', 'int(1, 20)'));
    writeFileSync(join(dir, 'new.txt'), '');
    expect(await data('status', join(dir, 'models'))).toMatchObject({
      schema: 'modelops.bundle.status/v1',
      is_changed: true,
      changes: [
        { path: 'models/seir.ts', change: 'changed' },
        { path: 'new.txt', change: 'added' },
      ],
      redescribed: ['models/seir.ts:Seir'],
    });
    expect(await good('status')).toMatch(/differs from latest \([0-9a-f]{12}\): 2 files\n {2}changed models\/seir.ts\n {2}added new.txt\n/);
  });

  it('pulls a tag into a folder, from which the same bundle can be pushed', async () => {
    const { digest, ref } = await pushed();
    const copy = join(makeFolder(), 'copy');
    expect(await data(`pull latest --dir ${copy}`)).toMatchObject({ ref, dir: copy, unchanged: 0 });
    expect(await data('push', copy)).toMatchObject({ digest, uploaded: [] });
    const other = makeFolder();
    await good('pull team/nested/epi-sim:latest --dir again', other);
    expect(readFileSync(join(other, 'again/README.md'), 'utf8')).toBe('A model.\n');
    writeFileSync(join(dir, 'README.md'), 'mine');
    const refused = await run('pull latest');
    expect(refused).toMatchObject({ status: 4, out: '' });
    expect(refused.err).toContain('README.md: differs from the bundle');
    expect(await good(`pull ${ref} --overwrite`)).toContain('1 file written, 5 unchanged');
  });

  it('uses the environment of --env', async () => {
    const path = makeFolder();
    await saveEnvironment(
      {
        environment: 'lab',
        registry: { provider: 'oci-layout', login_server: 'lab', path, requires_auth: false, insecure: false },
        storage: { provider: 'fs', path },
      },
      home,
    );
    await pushed();
    expect(await data('push --env lab')).toMatchObject({ environment: 'lab', uploaded: [{}, {}] });
    expect(readdirSync(join(path, 'team/nested/epi-sim')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect((await run('push --env lba')).err).toContain('use one of lab, local');
  });

  it.each([
    ['init Epi-Sim', 2, 'invalid repository name'],
    ['init', 2, 'NAME'],
    ['push', 3, 'no bundle project found'],
    ['list', 3, 'hint: modelops-bundle init NAME creates one here'],
    ['status', 3, 'no bundle project found'],
    ['pull latest', 3, 'no bundle project found'],
    ['register-model models/seir.ts:Seir', 3, 'no bundle project found'],
  ])('answers %j outside a project with status %i', async (line, status, message) => {
    const result = await run(line, makeFolder());
    expect(result).toMatchObject({ status, out: '' });
    expect(result.err).toContain(message);
  });

  it.each([
    ['register-model models/sier.ts', 3, 'hint: did you mean models/seir.ts'],
    ['register-model models/seir.ts:Sier', 3, 'hint: did you mean models/seir.ts:Seir?'],
    ['register-model lib/days.ts', 3, 'exports no model'],
    ['register-model targets/prevalence.ts:prevalence', 2, 'is a target, not a model'],
    ['register-target models/seir.ts:Seir', 2, 'is a model, not a target'],
    ['register-target models/seir.ts', 3, 'exports no target'],
    ['register-model models/seir.ts:Seir --data data/no.csv', 3, 'data file data/no.csv of models/seir.ts:Seir not found'],
    ['push --tag a/b', 2, 'invalid tag'],
    ['pull nothing', 3, 'has no tag nothing'],
    ['pull sha256:abc', 2, 'invalid digest'],
    ['push --env none', 3, 'environment none not found'],
  ])('answers %j in a project with status %i, and changes nothing', async (line, status, message) => {
    await good('init epi-sim');
    const before = readdirSync(join(dir, '.modelops-bundle'));
    const result = await run(line);
    expect(result).toMatchObject({ status, out: '' });
    expect(result.err).toContain(message);
    expect(readdirSync(join(dir, '.modelops-bundle'))).toEqual(before);
    expect(existsSync(join(home, 'registry'))).toBe(false);
  });
});
