import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@modelops/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { describeModel } from '../describe/describe-program.ts';
import { makeFiles, makeFolder } from '../testing/sources.ts';
import { makeWheel, type Wheel } from '../testing/wheels.ts';
import { installedDistributions } from './active.ts';
import { installError, type UvChoice } from './installer.ts';
import { ACTIVE_LOCK, findLock, PYTHON_CHOICE } from './lock.ts';
import { createPythons } from './pythons.ts';
import { freezeWheels, WHEELS } from './wheels.ts';

const variables = ['PIP_NO_INDEX', 'PIP_FIND_LINKS', 'UV_OFFLINE', 'UV_FIND_LINKS'] as const;
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
afterEach(() => {
  for (const name of variables) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

/** Uses these wheels instead of a package index. */
function offer(...wheels: Wheel[]): void {
  const folders = wheels.map(({ folder }) => folder);
  process.env.PIP_NO_INDEX = process.env.UV_OFFLINE = '1';
  process.env.PIP_FIND_LINKS = folders.join(' ');
  process.env.UV_FIND_LINKS = folders.join(',');
}

const requirements = ({ sha256 }: Pick<Wheel, 'sha256'>) => `tiny==1.0 \\\n    --hash=sha256:${sha256}  # by hand\n`;
const printed = (interpreter: string, code: string) => execFileSync(interpreter, ['-c', code], { encoding: 'utf8' }).trim();

/** uv, if this machine has it. */
const UV = process.env.MODELOPS_TEST_UV ?? 'uv';
const hasUv = spawnSync(UV, ['--version']).status === 0;
if (!hasUv) console.warn('environments are not built by uv here: it is neither on the PATH nor named by MODELOPS_TEST_UV');

describe.each([['pip', false], ...(hasUv ? [['uv', UV] as const] : [])] as [string, UvChoice][])(
  'the Python environment of a project, by %s',
  (installer, uv) => {
    function setup(files: Record<string, string>, cacheDir = makeFolder()) {
      const reports: string[] = [];
      const dir = makeFiles(files);
      const open = () => createPythons({ cacheDir, uv, report: (line) => void reports.push(line) }).open(dir);
      return { dir, cacheDir, reports, open };
    }

    it('is the interpreter itself without a lock', async () => {
      const { open, cacheDir } = setup({ 'models/m.py': '' });
      expect(printed((await open()).interpreter, 'import sys; print(sys.prefix == sys.base_prefix)')).toBe('True');
      expect(existsSync(join(cacheDir, 'environments'))).toBe(false);
    });

    it('has the packages of requirements.txt, is built once by concurrent callers, and again if it is incomplete', async () => {
      const wheel = makeWheel('tiny', '1.0', 'answer = 42');
      offer(wheel);
      const { open, cacheDir, reports } = setup({ 'requirements.txt': requirements(wheel) });
      const [first, second] = await Promise.all([open(), open()]);
      expect(first).toMatchObject({ lock: { file: 'requirements.txt' } });
      expect(second!.interpreter).toBe(first!.interpreter);
      expect(printed(first!.interpreter, 'import tiny; print(tiny.answer)')).toBe('42');
      expect(reports.filter((line) => line.startsWith('building'))).toEqual([
        expect.stringMatching(new RegExp(`^building the Python 3\\.\\d+ environment of requirements\\.txt with ${installer}: 1 packages$`)),
      ]);
      const [name] = readdirSync(join(cacheDir, 'environments')).filter((entry) => entry !== 'locks');
      writeFileSync(join(cacheDir, 'environments', name!, 'modelops-complete'), 'half');
      await open();
      expect(reports.filter((line) => line.startsWith('building'))).toHaveLength(2);
      rmSync(first!.interpreter);
      symlinkSync('/removed/python3', first!.interpreter);
      expect(printed((await open()).interpreter, 'import tiny; print(tiny.answer)')).toBe('42');
    });

    it('differs for another lock', async () => {
      const [one, two] = [makeWheel('tiny', '1.0', 'answer = 1'), makeWheel('tiny', '1.0', 'answer = 2')];
      const cacheDir = makeFolder();
      for (const [wheel, answer] of [
        [one, '1'],
        [two, '2'],
      ] as const) {
        offer(wheel);
        const { interpreter } = await setup({ 'requirements.txt': requirements(wheel) }, cacheDir).open();
        expect(printed(interpreter, 'import tiny; print(tiny.answer)')).toBe(answer);
      }
    });

    it('fails for a package whose hash differs, and leaves no environment that looks complete', async () => {
      offer(makeWheel('tiny', '1.0', 'answer = 42'));
      const { open, cacheDir } = setup({ 'requirements.txt': requirements({ sha256: 'a'.repeat(64) }) });
      await expect(open()).rejects.toMatchObject({
        code: 'PYTHON_ENVIRONMENT_FAILED',
        message: expect.stringContaining('a package differs from its hash in requirements.txt'),
      });
      for (const entry of readdirSync(join(cacheDir, 'environments')))
        expect(existsSync(join(cacheDir, 'environments', entry, 'modelops-complete'))).toBe(false);
    });

    it.each([
      [
        'a lock of another Python version',
        { 'pylock.toml': 'requires-python = ">=3.99"\npackages = []\n' },
        'pylock.toml needs Python >=3.99, but ',
        'set MODELOPS_PYTHON',
      ],
      [
        'a package without a hash',
        { 'pylock.toml': `[[packages]]\nname = "tiny"\nversion = "1.0"\nwheels = [{ url = "https://x/tiny-1.0-py3-none-any.whl" }]\n` },
        'pylock.toml has no SHA-256 for each wheel of tiny 1.0',
        'lock again with hashes',
      ],
      [
        'a package with a source distribution alone',
        {
          'uv.lock': `[[package]]\nname = "p"\nversion = "0"\nsource = { virtual = "." }\ndependencies = [{ name = "old" }]\n[[package]]\nname = "old"\nversion = "1.0"\nsource = { registry = "x" }\n`,
        },
        'uv.lock has no wheel of old 1.0, only a source distribution',
        'use a version of old that has wheels',
      ],
      [
        'a wheel for another platform',
        {
          'pylock.toml': `[[packages]]\nname = "tiny"\nversion = "1.0"\nwheels = [{ url = "https://x/tiny-1.0-cp27-cp27m-win32.whl", hashes = { sha256 = "${'b'.repeat(64)}" } }]\n`,
        },
        'pylock.toml has no wheel of tiny 1.0 for Python 3.',
        'use another Python version',
      ],
    ])('is refused before anything is installed for %s', async (_, files, message, hint) => {
      const { open } = setup(files as Record<string, string>);
      await expect(open()).rejects.toMatchObject({
        code: 'PYTHON_ENVIRONMENT_FAILED',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      });
    });

    it('compiles requirements.txt without hashes once, and again if the requirements change', async () => {
      offer(makeWheel('tiny', '1.0', 'answer = 42'), makeWheel('helper', '2.0', 'x = 1'));
      const { dir, open, reports } = setup({ 'requirements.txt': '# what we need\ntiny>=1\n' });
      const { interpreter, lock } = await open();
      expect(printed(interpreter, 'import tiny; print(tiny.answer)')).toBe('42');
      expect(lock).toEqual({ file: 'requirements.lock.txt', digest: expect.any(String) });
      expect(readFileSync(join(dir, 'requirements.lock.txt'), 'utf8')).toMatch(
        /^# Compiled .*\ntiny==1\.0 (\\\n {4})?--hash=sha256:[0-9a-f]{64}\n$/,
      );
      writeFileSync(join(dir, 'requirements.txt'), 'tiny>=1 # another comment\n');
      expect((await open()).lock).toEqual(lock);
      expect(reports.filter((line) => line.startsWith('compiling'))).toHaveLength(1);
      writeFileSync(join(dir, 'requirements.txt'), 'tiny\nhelper\n');
      expect(printed((await open()).interpreter, 'import helper; print(helper.x)')).toBe('1');
      expect(reports.filter((line) => line.startsWith('compiling'))).toHaveLength(2);
    });

    it('reports a requirement that no index has', async () => {
      offer(makeWheel('tiny', '1.0', 'answer = 42'));
      await expect(setup({ 'requirements.txt': 'modelops-no-such-package\n' }).open()).rejects.toMatchObject({
        code: 'PYTHON_ENVIRONMENT_FAILED',
        message: expect.stringMatching(/^cannot compile requirements\.txt:[\s\S]*modelops-no-such-package/),
      });
    });

    it('lists the packages of the lock when a model imports one that it lacks', async () => {
      const wheel = makeWheel('tiny', '1.0', 'answer = 42');
      offer(wheel);
      const model =
        'import tiny, absent\nfrom modelops import Float, model\n@model(parameters={"x": Float(0, 1)}, outputs=["o"])\ndef m(x): pass\n';
      const { dir, cacheDir } = setup({ 'requirements.txt': requirements(wheel), 'm.py': model });
      await expect(describeModel({ projectDir: dir, source: 'm.py:m', pythons: createPythons({ cacheDir, uv }) })).rejects.toMatchObject({
        message: expect.stringContaining("ModuleNotFoundError: No module named 'absent'"),
        hint: 'requirements.txt has no package with the module absent: add it and lock again; its packages: tiny 1.0',
      });
    });

    it('is built from frozen wheels without an index', async () => {
      const wheel = makeWheel('tiny', '1.0', 'answer = 42');
      offer(wheel);
      const { dir, open, reports } = setup({ 'requirements.txt': requirements(wheel) });
      const base = await createPythons({ cacheDir: makeFolder() }).base();
      const freeze = () => freezeWheels({ base, lock: findLock(dir)!, dir, uv, report: (line) => void reports.push(line) });
      const frozen = await freeze();
      expect(frozen).toMatchObject({ python: base.version, wheels: [{ file: wheel.file, sha256: wheel.sha256 }] });
      offer();
      expect(await freeze()).toEqual(frozen);
      expect(printed((await open()).interpreter, 'import tiny; print(tiny.answer)')).toBe('42');
      expect(reports).toEqual([
        expect.stringMatching(/^downloading/),
        expect.stringMatching(/1 packages, from frozen wheels$/),
        expect.stringMatching(/^built/),
      ]);
    });

    it('fails for a frozen wheel whose bytes were changed', async () => {
      const wheel = makeWheel('tiny', '1.0', 'answer = 42');
      offer(wheel);
      const { dir, open } = setup({ 'requirements.txt': requirements(wheel) });
      const base = await createPythons({ cacheDir: makeFolder() }).base();
      await freezeWheels({ base, lock: findLock(dir)!, dir, uv, report: () => undefined });
      offer();
      const other = makeWheel('tiny', '1.0', 'answer = 43');
      copyFileSync(join(other.folder, other.file), join(dir, WHEELS, wheel.file));
      await expect(open()).rejects.toMatchObject({
        code: 'PYTHON_ENVIRONMENT_FAILED',
        message: expect.stringContaining('a package differs from its hash in requirements.txt'),
      });
    });

    it('has the packages that uv.lock selects for this platform', async () => {
      const [tiny, extra] = [makeWheel('tiny', '1.0', 'answer = 42'), makeWheel('helper', '2.0', 'x = 1')];
      offer(tiny, extra);
      const entry = ({ file, sha256 }: Wheel) => `wheels = [{ url = "https://example/${file}", hash = "sha256:${sha256}" }]`;
      const lock = `
[[package]]
name = "project"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "tiny", extra = ["more"] }, { name = "absent", marker = "sys_platform == 'plan9'" }]
[[package]]
name = "tiny"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
${entry(tiny)}
[package.optional-dependencies]
more = [{ name = "helper" }]
[[package]]
name = "helper"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
${entry(extra)}
`;
      const { interpreter } = await setup({ 'uv.lock': lock }).open();
      expect(printed(interpreter, 'import helper, tiny; print(tiny.answer + helper.x)')).toBe('43');
    });
  },
);

it.each([
  ['ERROR: Could not find a version … Max retries exceeded with url: /simple/numpy/', 'PACKAGE_INDEX_UNREACHABLE'],
  ['error: Failed to fetch: `https://pypi.org/simple/numpy/`', 'PACKAGE_INDEX_UNREACHABLE'],
  ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', 'PYTHON_ENVIRONMENT_FAILED'],
  ['ERROR: No matching distribution found for numpy==9', 'PYTHON_ENVIRONMENT_FAILED'],
])('the installer’s "%s" is %s', (text, code) => {
  expect(installError(new Error(text), 'uv.lock')).toMatchObject({ code, message: expect.stringContaining(text) });
});

it('a missing interpreter is an error that names the variable to set', async () => {
  await expect(createPythons({ cacheDir: makeFolder(), interpreter: '/no/python' }).open('/')).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    hint: expect.stringContaining('MODELOPS_PYTHON'),
  });
});

describe('the active interpreter', () => {
  const pythons = () => createPythons({ cacheDir: makeFolder() });

  it('is the environment, and its installed distributions are the lock', async () => {
    const dir = makeFiles({ [PYTHON_CHOICE]: 'active\n', 'uv.lock': 'not read' });
    const [{ interpreter, lock }, base] = await Promise.all([pythons().open(dir), pythons().base()]);
    expect(interpreter).toBe(base.interpreter);
    expect(lock).toEqual({ file: ACTIVE_LOCK, digest: digestOf(Buffer.from(await installedDistributions(base))), isActive: true });
  });

  it('is rejected for a bundle that was pushed with other packages, which are listed', async () => {
    const installed = await installedDistributions(await pythons().base());
    expect(await pythons().open(makeFiles({ [ACTIVE_LOCK]: installed }))).toMatchObject({ lock: { isActive: true } });
    const changed = `${installed.replace(/^python==(\S+)/, 'python==2.7')}zz-tiny==1.0 sha256:1\n`;
    await expect(pythons().open(makeFiles({ [ACTIVE_LOCK]: changed }))).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: expect.stringMatching(/python \(3\.\d+, pushed with 2\.7\), zz-tiny \(absent, pushed with 1\.0\)$/),
    });
  });

  it('is refused where the packages that the bundle was pushed with cannot be read', async () => {
    const message = expect.stringMatching(/^cannot read .*: EISDIR/);
    await expect(pythons().open(makeFiles({ [`${ACTIVE_LOCK}/file`]: '' }))).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message,
    });
  });
});
