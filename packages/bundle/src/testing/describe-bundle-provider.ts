import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@modelops/contracts';
import { buildPrograms, makeFolder, PROJECT } from '@modelops/model-host/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildArtifact } from '../artifact/build-artifact.ts';
import { ensureLocal } from '../artifact/ensure-local.ts';
import { blobOfBytes, MEDIA } from '../artifact/layers.ts';
import { pushBundle } from '../artifact/push-bundle.ts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { makeProject } from './projects.ts';

/** The promises every {@link BundleProvider} keeps; an adapter's test file is one call to this. `open` opens the same registry each time. */
export function describeBundleProvider(name: string, open: () => Promise<BundleProvider>): void {
  describe(`BundleProvider contract: ${name}`, () => {
    beforeAll(buildPrograms);
    const newRepository = () => `team/nested/r-${randomBytes(6).toString('hex')}`;

    async function pushManifest(provider: BundleProvider, repository: string, tags: readonly string[], content = randomBytes(20)) {
      const config = blobOfBytes(MEDIA.config, new TextEncoder().encode(JSON.stringify({ made: content.toString('hex') })));
      await provider.pushBlob(repository, config.descriptor.digest, await config.bytes());
      const manifest = { schemaVersion: 2, mediaType: MEDIA.manifest, artifactType: MEDIA.artifact, config: config.descriptor, layers: [] };
      const bytes = new TextEncoder().encode(JSON.stringify(manifest));
      await provider.pushManifest(repository, digestOf(bytes), bytes, tags);
      return { digest: digestOf(bytes), bytes };
    }

    it.each([0, 1, 65_535, 65_536, 2 ** 20 + 1, 20_000_000])('returns a pushed blob of %i bytes', async (size) => {
      const [provider, repository, bytes] = [await open(), newRepository(), randomBytes(size)];
      const digest = digestOf(bytes);
      expect(await provider.hasBlob(repository, digest)).toBe(false);
      expect(await provider.fetchBlob(repository, { digest, size })).toBeUndefined();
      const file = join(makeFolder(), 'blob');
      expect(await provider.downloadBlob(repository, { digest, size }, file)).toBe(false);
      expect(existsSync(file)).toBe(false);
      await provider.pushBlob(repository, digest, bytes);
      await provider.pushBlob(repository, digest, bytes);
      expect(await provider.hasBlob(repository, digest)).toBe(true);
      expect(Buffer.compare(Buffer.from((await provider.fetchBlob(repository, { digest, size }))!), bytes)).toBe(0);
      expect(await provider.downloadBlob(repository, { digest, size }, file)).toBe(true);
      expect(Buffer.compare(readFileSync(file), bytes)).toBe(0);
    });

    it('uploads a blob from a file, and refuses a file with other bytes', async () => {
      const [provider, repository, bytes] = [await open(), newRepository(), randomBytes(5_000_000)];
      const blob = { digest: digestOf(bytes), size: bytes.length };
      const file = join(makeFolder(), 'blob');
      const change = { code: 'CONFLICT', message: expect.stringContaining(`${file} changed`) };
      for (const other of [bytes.subarray(1), Buffer.concat([bytes, bytes]), randomBytes(bytes.length)]) {
        writeFileSync(file, other);
        await expect(provider.uploadBlob(repository, blob, file)).rejects.toMatchObject(change);
        expect(await provider.hasBlob(repository, blob.digest)).toBe(false);
      }
      writeFileSync(file, bytes);
      await provider.uploadBlob(repository, blob, file);
      await provider.uploadBlob(repository, blob, file);
      expect(Buffer.compare(Buffer.from((await provider.fetchBlob(repository, blob))!), bytes)).toBe(0);
    });

    it('refuses bytes that do not match their digest, and stores nothing', async () => {
      const [provider, repository, digest] = [await open(), newRepository(), digestOf('one')];
      await expect(provider.pushBlob(repository, digest, Buffer.from('two'))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
      await expect(provider.pushManifest(repository, digest, Buffer.from('two'), ['t'])).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
      expect(await provider.hasBlob(repository, digest)).toBe(false);
      expect(await provider.listTags(repository)).toEqual([]);
    });

    it('has no tag and no manifest in a repository without pushes', async () => {
      const [provider, repository] = [await open(), newRepository()];
      expect(await provider.resolveTag(repository, 'latest')).toBeUndefined();
      expect(await provider.fetchManifest(repository, digestOf('x'))).toBeUndefined();
      expect(await provider.listTags(repository)).toEqual([]);
    });

    it('returns a manifest byte for byte by its digest, and the digest by each tag', async () => {
      const [provider, repository] = [await open(), newRepository()];
      const { digest, bytes } = await pushManifest(provider, repository, ['latest', 'v1.0_rc-2']);
      expect(new TextDecoder().decode(await provider.fetchManifest(repository, digest))).toBe(new TextDecoder().decode(bytes));
      expect(await provider.resolveTag(repository, 'latest')).toBe(digest);
      expect(await provider.resolveTag(repository, 'v1.0_rc-2')).toBe(digest);
      expect((await provider.listTags(repository)).map(({ tag }) => tag)).toEqual(['latest', 'v1.0_rc-2']);
    });

    it('moves a tag, and keeps the previous manifest under its digest', async () => {
      const [provider, repository] = [await open(), newRepository()];
      const first = await pushManifest(provider, repository, ['latest']);
      const second = await pushManifest(provider, repository, ['latest']);
      expect(await provider.resolveTag(repository, 'latest')).toBe(second.digest);
      expect(await provider.fetchManifest(repository, first.digest)).toBeDefined();
      expect(await provider.listTags(repository)).toHaveLength(1);
    });

    it('keeps a manifest without a tag', async () => {
      const [provider, repository] = [await open(), newRepository()];
      const { digest } = await pushManifest(provider, repository, []);
      expect(await provider.fetchManifest(repository, digest)).toBeDefined();
      expect(await provider.listTags(repository)).toEqual([]);
    });

    it('loses no tag in concurrent pushes', async () => {
      const [provider, repository] = [await open(), newRepository()];
      const tags = Array.from({ length: 12 }, (_, i) => `t${String(i).padStart(2, '0')}`);
      await Promise.all(tags.map((tag) => pushManifest(provider, repository, [tag])));
      expect((await provider.listTags(repository)).map(({ tag }) => tag)).toEqual(tags);
    });

    it.each(['Upper', 'a//b', '../escape', 'a/../b', '/a'])('refuses the repository %j', async (repository) => {
      const provider = await open();
      await expect(provider.fetchBlob(repository, { digest: digestOf('x'), size: 1 })).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
      await expect(provider.pushBlob(repository, digestOf('x'), Buffer.from('x'))).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
      await expect(provider.resolveTag(repository, 'latest')).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
    });

    it.each(['', '-a', 'a/b', 'a:b', 'a'.repeat(129)])('refuses the tag %j', async (tag) => {
      await expect(pushManifest(await open(), newRepository(), [tag])).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });
    });

    it('transfers a whole bundle from a project to a cache', async () => {
      const [provider, repository] = [await open(), newRepository()];
      const projectDir = await makeProject({ ...PROJECT, 'data/large.bin': new Uint8Array(3e6).fill(5) });
      const { ref, digest, uploaded } = await pushBundle({ projectDir, provider, repository, tag: 'latest' });
      expect(uploaded).toHaveLength(3);
      expect((await pushBundle({ projectDir, provider, repository, tag: 'v2' })).uploaded).toEqual([]);
      const { manifest } = await ensureLocal(ref, { provider: await open(), cacheDir: makeFolder() });
      expect(manifest).toEqual((await buildArtifact(projectDir)).manifest);
      expect(await provider.resolveTag(repository, 'v2')).toBe(digest);
    });
  });
}
