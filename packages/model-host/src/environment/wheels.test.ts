import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFiles, makeFolder } from '../testing/sources.ts';
import { makeWheel, type Wheel } from '../testing/wheels.ts';
import type { Python } from './interpreter.ts';
import { findLock } from './lock.ts';
import { createPythons } from './pythons.ts';
import type { PythonTarget } from './requirements.ts';
import { findWheels, freezeWheels, WHEELS, WHEELS_INDEX, withoutIndex } from './wheels.ts';

afterEach(() => void vi.unstubAllEnvs());

/** A Python version and platform other than those of these tests. */
let target: PythonTarget;
let base: Python;
beforeAll(async () => {
  base = await createPythons({ cacheDir: makeFolder() }).base();
  const platform = base.platform === 'linux-aarch64' ? 'linux-x86_64' : 'linux-aarch64';
  target = { version: base.version === '3.12' ? '3.13' : '3.12', platform };
});

const machineOf = ({ platform }: Pick<PythonTarget, 'platform'>) => platform.slice('linux-'.length);
const tagOf = ({ version, platform }: PythonTarget, glibc = 'manylinux_2_17') => {
  const cp = `cp${version.replace('.', '')}`;
  return `${cp}-${cp}-${glibc}_${machineOf({ platform })}`;
};

/** Uses wheels instead of a package index. */
function offer(...wheels: readonly Wheel[]): void {
  vi.stubEnv('PIP_NO_INDEX', '1').stubEnv('UV_OFFLINE', '1');
  const folders = wheels.map(({ folder }) => folder);
  vi.stubEnv('PIP_FIND_LINKS', folders.join(' ')).stubEnv('UV_FIND_LINKS', folders.join(','));
}

const locked = (name: string, wheels: readonly Pick<Wheel, 'file' | 'sha256'>[]) => `
[[package]]
name = "${name}"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
wheels = [${wheels.map(({ file, sha256 }) => `{ url = "https://example/${file}", hash = "sha256:${sha256}" }`).join(', ')}]
`;
const uvLock = (dependencies: readonly string[], ...packages: readonly string[]) =>
  `[[package]]\nname = "p"\nversion = "0"\nsource = { virtual = "." }\ndependencies = [${dependencies.join(', ')}]\n${packages.join('')}`;

const freeze = (dir: string) => freezeWheels({ base, lock: findLock(dir)!, dir, target, report: () => undefined });

describe('the wheels of a lock for another Python version and platform', { timeout: 180_000 }, () => {
  it('are those that the lock selects for it, and an environment here does not use them', async () => {
    const [here, there] = [makeWheel('tiny', '1.0', 'answer = 1', tagOf(base)), makeWheel('tiny', '1.0', 'answer = 2', tagOf(target))];
    const pure = makeWheel('pure', '1.0', `text = "${'x'.repeat(100_000)}"`);
    const [mine, theirs] = [makeWheel('mine', '1.0', ''), makeWheel('theirs', '1.0', '')];
    offer(here, there, pure, mine, theirs);
    const dependencies = [
      '{ name = "tiny" }',
      '{ name = "pure" }',
      `{ name = "mine", marker = "platform_machine == '${machineOf(base)}'" }`,
      `{ name = "theirs", marker = "python_full_version >= '${target.version}' and platform_machine == '${machineOf(target)}'" }`,
    ];
    const packages = [locked('tiny', [here, there]), locked('pure', [pure]), locked('mine', [mine]), locked('theirs', [theirs])];
    const dir = makeFiles({ 'uv.lock': uvLock(dependencies, ...packages) });
    const frozen = await freeze(dir);
    const wheel = ({ file, sha256 }: Wheel) => ({ file, sha256, size: expect.any(Number) });
    expect(frozen).toMatchObject({ python: target.version, platform: target.platform, wheels: [pure, theirs, there].map(wheel) });
    expect(readdirSync(join(dir, WHEELS))).toEqual([pure.file, theirs.file, there.file, 'wheels.json'].sort());
    expect(findWheels(dir, findLock(dir)!, target)).toEqual({ wheels: frozen });

    const reports: string[] = [];
    const pythons = createPythons({ cacheDir: makeFolder(), uv: false, report: (line) => void reports.push(line) });
    await pythons.open(dir);
    expect(reports).toContain(`the frozen wheels are for Python ${target.version} on ${target.platform}; using the package index`);
  });

  it('must exist for each package: an error lists all packages without one, before any download', async () => {
    const here = { file: `tiny-1.0-${tagOf(base)}.whl`, sha256: 'a'.repeat(64) };
    const musl = { file: `other-1.0-${tagOf(target, 'musllinux_1_2')}.whl`, sha256: 'b'.repeat(64) };
    const lock = uvLock(
      ['{ name = "tiny" }', '{ name = "other" }', '{ name = "old" }'],
      locked('tiny', [here]),
      locked('other', [musl]),
      locked('old', []),
    );
    await expect(freeze(makeFiles({ 'uv.lock': lock }))).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: [
        'uv.lock has no wheel of old 1.0, only a source distribution, whose builds are not reproducible',
        `uv.lock has no wheel of other 1.0 for Python ${target.version} on ${target.platform}`,
        `uv.lock has no wheel of tiny 1.0 for Python ${target.version} on ${target.platform}`,
      ].join('\n'),
    });
  });

  it('must be for a Python version that the lock allows', async () => {
    const dir = makeFiles({ 'pylock.toml': 'requires-python = "<3.10"\npackages = []\n' });
    await expect(freeze(dir)).rejects.toMatchObject({
      message: `pylock.toml needs Python <3.10, but wheels are requested for Python ${target.version} on ${target.platform}`,
      hint: expect.stringContaining('--python-version'),
    });
  });

  it('are found for requirements.txt by its markers and hashes; a package without a wheel is reported', async () => {
    const [tiny, mine] = [makeWheel('tiny', '1.0', '', tagOf(target)), makeWheel('mine', '1.0', '')];
    offer(tiny, mine);
    const line = (name: string, machine: string, sha256: string) =>
      `${name}==1.0 ; platform_machine == "${machine}" \\\n    --hash=sha256:${sha256}\n`;
    const [there, here] = [machineOf(target), machineOf(base)];
    const dir = makeFiles({ 'requirements.txt': line('tiny', there, tiny.sha256) + line('mine', here, mine.sha256) });
    expect((await freeze(dir)).wheels).toMatchObject([{ file: tiny.file }]);

    await expect(freeze(makeFiles({ 'requirements.txt': line('tiny', there, 'c'.repeat(64)) }))).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: `requirements.txt has no hash of the wheel of tiny==1.0 for Python ${target.version} on ${target.platform}`,
      hint: expect.stringContaining('install uv'),
    });
    offer(makeWheel('tiny', '1.0', '', tagOf(base)));
    const hashes = `--hash=sha256:${tiny.sha256} --hash=sha256:${'d'.repeat(64)}`;
    writeFileSync(join(dir, 'requirements.txt'), `tiny==1.0 ${hashes}\n`);
    await expect(freeze(dir)).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: `tiny==1.0 of requirements.txt has no wheel for Python ${target.version} on ${target.platform}`,
    });
    expect(readdirSync(join(dir, '.modelops-bundle'))).toEqual(['wheels']); // the earlier ones
  });
});

it('an environment with wheels only for another Python, and no package index, is an error with both and the command to use', async () => {
  const lock = { file: 'uv.lock', digest: `sha256:${'d'.repeat(64)}` as const };
  const wheels = { schema_version: 1 as const, lock: lock.digest, python: '3.8', platform: 'linux-x86_64', wheels: [] };
  const dir = makeFiles({ [WHEELS_INDEX]: JSON.stringify(wheels) });
  const python = { interpreter: '/bin/python', version: '3.12', platform: 'linux-aarch64' };
  expect(findWheels(dir, lock as never, python)).toEqual({ others: wheels });
  expect(findWheels(dir, { ...lock, digest: `sha256:${'e'.repeat(64)}` } as never, python)).toEqual({});
  const error = withoutIndex(wheels as never, python, new ModelOpsError('PACKAGE_INDEX_UNREACHABLE', 'no route'));
  expect(error).toMatchObject({
    code: 'PYTHON_ENVIRONMENT_FAILED',
    message:
      'the frozen wheels are for Python 3.8 on linux-x86_64, but /bin/python is Python 3.12 on linux-aarch64, and the package index does not respond',
    hint: 'use Python 3.8 on linux-x86_64 here, or modelops-bundle push --freeze-wheels --platform linux/arm64 --python-version 3.12',
  });
  const refused = new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', 'no such package');
  expect(withoutIndex(wheels as never, python, refused)).toBe(refused);
});
