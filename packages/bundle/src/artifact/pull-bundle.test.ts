import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms, makeFolder, PROJECT, writeFiles } from '@modelops/model-host/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { adoptBundle } from '../project/project.ts';
import { pushMade } from '../testing/made-bundles.ts';
import { createMemoryProvider } from '../testing/memory-provider.ts';
import { makeProject } from '../testing/projects.ts';
import { buildArtifact } from './build-artifact.ts';
import { pullBundle } from './pull-bundle.ts';
import { pushBundle } from './push-bundle.ts';

beforeAll(buildPrograms);

async function pushed() {
  const provider = createMemoryProvider();
  const projectDir = await makeProject();
  return { provider, ...(await pushBundle({ projectDir, provider, repository: 'team/epi', tag: 'latest' })) };
}

describe('pullBundle', () => {
  it('creates a folder that freezes to the pulled digest', async () => {
    const { provider, ref, digest } = await pushed();
    const dir = join(makeFolder(), 'new');
    const { manifest, written, unchanged } = await pullBundle({ ref, dir, provider });
    expect([written.length, unchanged]).toEqual([Object.keys(PROJECT).length + 1, 0]);
    expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('A model.\n');
    expect(existsSync(join(dir, '.modelops-bundle'))).toBe(false);
    await adoptBundle(dir, 'local/team/epi', manifest);
    expect((await buildArtifact(dir)).digest).toBe(digest);
  });

  it('writes missing files and keeps files that are not in the bundle', async () => {
    const { provider, ref } = await pushed();
    const dir = makeFolder();
    await pullBundle({ ref, dir, provider });
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    rmSync(join(dir, 'lib'), { recursive: true });
    expect(await pullBundle({ ref, dir, provider })).toMatchObject({ written: ['lib/days.ts'], unchanged: 5 });
    expect(readFileSync(join(dir, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('refuses to replace local changes, naming them, before it writes anything', async () => {
    const { provider, ref } = await pushed();
    const dir = makeFolder();
    writeFiles(dir, { 'README.md': 'My words.\n', 'lib/days.ts': 'mine' });
    const error = await pullBundle({ ref, dir, provider }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'LOCAL_CHANGES',
      exit: 4,
      hint: '--overwrite replaces it',
      problems: [{ path: 'README.md' }, { path: 'lib/days.ts' }],
    });
    expect(readdirSync(dir).sort()).toEqual(['README.md', 'lib']);
    await pullBundle({ ref, dir, provider, overwrite: true });
    expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('A model.\n');
  });

  it('never writes through a link, not even with --overwrite', async () => {
    const { provider, ref } = await pushed();
    const outside = makeFolder();
    writeFiles(outside, { 'observed.csv': 'precious' });
    const dir = makeFolder();
    symlinkSync(outside, join(dir, 'data'));
    for (const overwrite of [false, true])
      await expect(pullBundle({ ref, dir, provider, overwrite })).rejects.toMatchObject({
        code: 'LOCAL_CHANGES',
        problems: [{ path: 'data/observed.csv' }],
      });
    expect(readFileSync(join(outside, 'observed.csv'), 'utf8')).toBe('precious');
    rmSync(join(dir, 'data'));
    mkdirSync(join(dir, 'README.md'));
    await expect(pullBundle({ ref, dir, provider, overwrite: true })).rejects.toMatchObject({ code: 'LOCAL_CHANGES' });
  });

  it('writes nothing of an invalid bundle', async () => {
    const provider = createMemoryProvider();
    const digest = await pushMade(provider, {
      listed: [{ path: 'a', text: 'x' }],
      entries: [
        { name: 'a', text: 'x' },
        { name: '../b', text: 'y' },
      ],
    });
    const dir = makeFolder();
    await expect(pullBundle({ ref: `team/made@${digest}`, dir, provider })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    expect(readdirSync(dir)).toEqual([]);
  });
});
