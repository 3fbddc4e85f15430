import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms, PROJECT, writeFiles } from '@modelops/model-host/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryProvider } from '../testing/memory-provider.ts';
import { makeProject } from '../testing/projects.ts';
import { buildArtifact } from './build-artifact.ts';
import { pushBundle } from './push-bundle.ts';
import { readManifest } from './read-bundle.ts';

beforeAll(buildPrograms);

const repository = 'team/nested/epi-sim';

describe('pushBundle', () => {
  it('sends every blob once, then the manifest, and names it by digest', async () => {
    const provider = createMemoryProvider();
    const projectDir = await makeProject();
    const { digest, ref, uploaded, reused, manifest } = await pushBundle({ projectDir, provider, repository, tag: 'v1' });
    expect(ref).toBe(`${repository}@${digest}`);
    expect([uploaded.length, reused.length]).toEqual([2, 0]);
    expect(provider.calls.at(-1)).toBe('manifest v1');
    expect(await provider.resolveTag(repository, 'v1')).toBe(digest);
    expect(await readManifest(provider, repository, digest)).toEqual(manifest);
    expect((await buildArtifact(projectDir)).digest).toBe(digest);
  });

  it('sends nothing if nothing changed, and no blob for another tag', async () => {
    const provider = createMemoryProvider();
    const request = { projectDir: await makeProject(), provider, repository, tag: 'latest' };
    const first = await pushBundle(request);
    provider.calls.length = 0;
    expect(await pushBundle(request)).toMatchObject({ digest: first.digest, uploaded: [], reused: [{}, {}] });
    expect(provider.calls).toEqual([]);
    await pushBundle({ ...request, tag: 'v2' });
    expect(provider.calls).toEqual(['manifest v2']);
  });

  it('does not send a large file again when only code changed', async () => {
    const provider = createMemoryProvider();
    const projectDir = await makeProject({ ...PROJECT, 'data/a.bin': new Uint8Array(2e6), 'data/b.bin': new Uint8Array(2e6) });
    const request = { projectDir, provider, repository, tag: 'latest' };
    expect((await pushBundle(request)).uploaded).toHaveLength(3); // two files, one content
    writeFileSync(join(projectDir, 'README.md'), 'Other words.');
    const { uploaded, reused } = await pushBundle(request);
    expect(uploaded.map(({ size }) => size < 1e6)).toEqual([true, true]);
    expect(reused.map(({ annotations }) => Object.values(annotations!)[0])).toEqual(['data/a.bin', 'data/b.bin']);
  });

  it('moves no tag when a blob cannot be sent', async () => {
    const provider = createMemoryProvider();
    const failing = { ...provider, pushBlob: () => Promise.reject(new Error('line is down')) };
    await expect(pushBundle({ projectDir: await makeProject(), provider: failing, repository, tag: 'latest' })).rejects.toThrow(
      'line is down',
    );
    expect(await provider.resolveTag(repository, 'latest')).toBeUndefined();
  });

  it('sends no blob for 2,000 unchanged files of 50 MB', async () => {
    const projectDir = await makeProject();
    const files = Array.from({ length: 2000 }, (_, i) => [`data/part-${i % 20}/file-${i}.csv`, `${i},`.repeat(25_000 / `${i},`.length)]);
    writeFiles(projectDir, Object.fromEntries(files));
    const memory = createMemoryProvider();
    let sent = 0;
    const provider: typeof memory = {
      ...memory,
      pushBlob: (...args) => {
        sent++;
        return memory.pushBlob(...args);
      },
    };
    const request = { projectDir, provider, repository, tag: 'latest' };
    await pushBundle(request);
    expect(sent).toBeGreaterThan(0);
    sent = 0;
    expect((await pushBundle(request)).uploaded).toEqual([]);
    expect(sent).toBe(0);
  });
});
