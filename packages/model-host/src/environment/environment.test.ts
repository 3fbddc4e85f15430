import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeFiles, makeFolder } from '../testing/sources.ts';
import { makeWheel, type Wheel } from '../testing/wheels.ts';
import { installError } from './build-environment.ts';
import { createPythons } from './pythons.ts';

const variables = ['PIP_NO_INDEX', 'PIP_FIND_LINKS', 'UV_NO_INDEX', 'UV_FIND_LINKS'] as const;
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
afterEach(() => {
  for (const name of variables) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

/** Offers these wheels in place of a package index. */
function offer(...wheels: Wheel[]): void {
  process.env.PIP_NO_INDEX = process.env.UV_NO_INDEX = '1';
  process.env.PIP_FIND_LINKS = process.env.UV_FIND_LINKS = wheels.map(({ folder }) => folder).join(' ');
}

const requirements = ({ sha256 }: Pick<Wheel, 'sha256'>) => `tiny==1.0 \\\n    --hash=sha256:${sha256}  # by hand\n`;
const printed = (interpreter: string, code: string) => execFileSync(interpreter, ['-c', code], { encoding: 'utf8' }).trim();

function setup(files: Record<string, string>, cacheDir = makeFolder()) {
  const reports: string[] = [];
  const dir = makeFiles(files);
  return { dir, cacheDir, reports, open: () => createPythons({ cacheDir, report: (line) => void reports.push(line) }).open(dir) };
}

describe('the Python environment of a project', () => {
  it('is the interpreter itself where there is no lock', async () => {
    const { open, cacheDir } = setup({ 'models/m.py': '' });
    expect(printed((await open()).interpreter, 'import sys; print(sys.prefix == sys.base_prefix)')).toBe('True');
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it('has the packages of requirements.txt, is built once by several at a time, and again where it is not complete', async () => {
    const wheel = makeWheel('tiny', '1.0', 'answer = 42');
    offer(wheel);
    const { open, cacheDir, reports } = setup({ 'requirements.txt': requirements(wheel) });
    const [first, second] = await Promise.all([open(), open()]);
    expect(first).toMatchObject({ lock: { file: 'requirements.txt' } });
    expect(second!.interpreter).toBe(first!.interpreter);
    expect(printed(first!.interpreter, 'import tiny; print(tiny.answer)')).toBe('42');
    expect(reports.filter((line) => line.startsWith('building'))).toEqual([
      expect.stringMatching(/^building the Python 3\.\d+ environment of requirements\.txt: 1 packages$/),
    ]);
    const [name] = readdirSync(join(cacheDir, 'environments')).filter((entry) => entry !== 'locks');
    writeFileSync(join(cacheDir, 'environments', name!, 'modelops-complete'), 'half');
    await open();
    expect(reports.filter((line) => line.startsWith('building'))).toHaveLength(2);
  });

  it('is another one for another lock', async () => {
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

  it('is refused for a package whose hash differs, and leaves nothing that passes for complete', async () => {
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
      'requirements without hashes',
      { 'requirements.txt': 'tiny==1.0\n' },
      'requirements.txt has no hashes for tiny==1.0',
      'uv pip compile --generate-hashes',
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

  it('has what uv.lock selects for this platform', async () => {
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
});

it.each([
  ['ERROR: Could not find a version … Max retries exceeded with url: /simple/numpy/', 'PACKAGE_INDEX_UNREACHABLE'],
  ['error: Failed to fetch: `https://pypi.org/simple/numpy/`', 'PACKAGE_INDEX_UNREACHABLE'],
  ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', 'PYTHON_ENVIRONMENT_FAILED'],
  ['ERROR: No matching distribution found for numpy==9', 'PYTHON_ENVIRONMENT_FAILED'],
])('the installer’s "%s" is %s', (text, code) => {
  expect(installError(new Error(text), { file: 'uv.lock' })).toMatchObject({ code, message: expect.stringContaining(text) });
});

it('no interpreter is an error with the variable that names one', async () => {
  await expect(createPythons({ cacheDir: '/nowhere', interpreter: '/no/python' }).open('/')).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    hint: expect.stringContaining('MODELOPS_PYTHON'),
  });
});
