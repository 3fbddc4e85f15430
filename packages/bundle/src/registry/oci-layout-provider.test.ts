import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@modelops/contracts';
import { makeFolder } from '@modelops/model-host/testing';
import { describe, expect, it } from 'vitest';
import { MEDIA } from '../artifact/layers.ts';
import { describeBundleProvider } from '../testing/describe-bundle-provider.ts';
import { createOciLayoutProvider } from './oci-layout-provider.ts';

const shared = makeFolder();
describeBundleProvider('oci-layout', async () => createOciLayoutProvider(shared));

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the oci-layout provider', () => {
  it('writes a valid OCI image layout', async () => {
    const root = makeFolder();
    const provider = createOciLayoutProvider(root);
    await provider.pushManifest('team/epi', digestOf('{}'), bytes('{}'), ['latest']);
    const read = (file: string) => JSON.parse(readFileSync(join(root, 'team/epi', file), 'utf8'));
    expect(read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(read('index.json')).toEqual({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: MEDIA.manifest,
          artifactType: MEDIA.artifact,
          digest: digestOf('{}'),
          size: 2,
          annotations: { 'org.opencontainers.image.ref.name': 'latest' },
        },
      ],
    });
    expect(readFileSync(join(root, 'team/epi/blobs/sha256', digestOf('{}').slice(7)), 'utf8')).toBe('{}');
  });

  it('lists a manifest once, untagged, after its last tag moved, and keeps entries of other tools', async () => {
    const root = makeFolder();
    const provider = createOciLayoutProvider(root);
    const index = join(root, 'epi/index.json');
    mkdirSync(join(root, 'epi'));
    const foreign = {
      mediaType: 'x/y',
      digest: digestOf('foreign'),
      size: 1,
      annotations: { 'org.opencontainers.image.ref.name': 'theirs' },
      platform: { os: 'linux' },
    };
    writeFileSync(index, JSON.stringify({ schemaVersion: 2, annotations: { a: 'b' }, manifests: [foreign] }));
    for (const [text, tags] of [
      ['1', ['latest', 'v1']],
      ['2', ['latest']],
      ['3', ['latest']],
      ['2', ['latest']],
      ['3', []],
      ['3', []],
    ] as const)
      await provider.pushManifest('epi', digestOf(text), bytes(text), tags);
    const { manifests, annotations } = JSON.parse(readFileSync(index, 'utf8')) as { manifests: (typeof foreign)[]; annotations: unknown };
    expect(annotations).toEqual({ a: 'b' });
    const named = manifests.map(({ digest, annotations: own }) => [digest, own?.['org.opencontainers.image.ref.name']]);
    expect(named).toEqual([
      [digestOf('foreign'), 'theirs'],
      [digestOf('1'), 'v1'],
      [digestOf('3'), undefined],
      [digestOf('2'), 'latest'],
    ]);
    expect(manifests[0]).toEqual(foreign);
  });

  it('detects bytes that changed on the disk', async () => {
    const root = makeFolder();
    const provider = createOciLayoutProvider(root);
    await provider.pushBlob('epi', digestOf('x'), bytes('x'));
    writeFileSync(join(root, 'epi/blobs/sha256', digestOf('x').slice(7)), 'y');
    await expect(provider.fetchBlob('epi', { digest: digestOf('x'), size: 1 })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  it('reports a broken index and an unusable folder', async () => {
    const root = makeFolder();
    mkdirSync(join(root, 'epi'));
    writeFileSync(join(root, 'epi/index.json'), '{"schemaVersion":2,');
    await expect(createOciLayoutProvider(root).listTags('epi')).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('epi/index.json'),
    });
    writeFileSync(join(root, 'file'), '');
    await expect(createOciLayoutProvider(join(root, 'file')).pushBlob('epi', digestOf('x'), bytes('x'))).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
    });
  });
});
