import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@modelops/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOciLayoutProvider } from './oci-layout-provider.ts';
import { describeBundleProvider } from './provider-contract.fixture.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-layout-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describeBundleProvider('an OCI layout', async () => createOciLayoutProvider(root));

it('says that a blob was changed on disk', async () => {
  const provider = createOciLayoutProvider(root);
  const bytes = new TextEncoder().encode('as it was');
  const digest = digestOf(bytes);
  await provider.pushBlob('team/nested/epi-sim', digest, bytes);
  await writeFile(join(root, 'team/nested/epi-sim/blobs/sha256', digest.slice('sha256:'.length)), 'as it is');
  await expect(provider.fetchBlob('team/nested/epi-sim', digest)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});

it('writes a layout that other OCI tools read', async () => {
  const provider = createOciLayoutProvider(root);
  const bytes = new TextEncoder().encode('{}');
  await provider.pushManifest('epi', digestOf(bytes), bytes, ['latest']);
  expect(JSON.parse(await readFile(join(root, 'epi/oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(JSON.parse(await readFile(join(root, 'epi/index.json'), 'utf8'))).toMatchObject({
    schemaVersion: 2,
    manifests: [{ digest: digestOf(bytes), size: 2, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }],
  });
});
