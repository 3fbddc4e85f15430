import { digestOf } from '@modelops/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MEDIA } from '../artifact/layers.ts';
import type { BundleProvider } from './bundle-provider.ts';

const NESTED = 'team/nested/epi-sim';
const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

/** The promises every {@link BundleProvider} keeps; a provider's test file is one call to this. `open` gives one with none of the repositories. */
export function describeBundleProvider(name: string, open: () => Promise<BundleProvider>): void {
  describe(`BundleProvider contract: ${name}`, () => {
    let provider: BundleProvider;
    let repository: string;
    let repositories = 0;
    beforeEach(async () => {
      provider = await open();
      repository = `${NESTED}-${repositories++}`;
    });

    async function pushManifest(note: string, tags: readonly string[]) {
      const config = encode({ note });
      await provider.pushBlob(repository, digestOf(config), config);
      const descriptor = { mediaType: MEDIA.config, digest: digestOf(config), size: config.byteLength };
      const bytes = encode({ schemaVersion: 2, mediaType: MEDIA.manifest, artifactType: MEDIA.artifact, config: descriptor, layers: [] });
      await provider.pushManifest(repository, digestOf(bytes), bytes, tags);
      return { digest: digestOf(bytes), bytes };
    }

    it('gives back the bytes of a blob that were put', () =>
      fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
          await provider.pushBlob(repository, digestOf(bytes), bytes);
          expect(Buffer.from((await provider.fetchBlob(repository, digestOf(bytes)))!)).toEqual(Buffer.from(bytes));
        }),
        { numRuns: 20 },
      ));

    it('holds a blob once it is pushed, and takes it again', async () => {
      const bytes = encode('a layer');
      expect(await provider.hasBlob(repository, digestOf(bytes))).toBe(false);
      await provider.pushBlob(repository, digestOf(bytes), bytes);
      await provider.pushBlob(repository, digestOf(bytes), bytes);
      expect(await provider.hasBlob(repository, digestOf(bytes))).toBe(true);
    });

    it('knows nothing of what was never pushed', async () => {
      const digest = digestOf(encode('nowhere'));
      expect(await provider.resolveTag(repository, 'latest')).toBeUndefined();
      expect(await provider.fetchManifest(repository, digest)).toBeUndefined();
      expect(await provider.fetchBlob(repository, digest)).toBeUndefined();
      expect(await provider.listTags(repository)).toEqual([]);
    });

    it('keeps a manifest byte for byte, under all its tags', async () => {
      const { digest, bytes } = await pushManifest('one', ['latest', 'v1']);
      expect(Buffer.from((await provider.fetchManifest(repository, digest))!)).toEqual(Buffer.from(bytes));
      expect(await provider.resolveTag(repository, 'latest')).toBe(digest);
      expect(await provider.resolveTag(repository, 'v1')).toBe(digest);
      expect((await provider.listTags(repository)).map(({ tag }) => tag).sort()).toEqual(['latest', 'v1']);
    });

    it('moves a tag to the newer manifest and keeps the older by its digest', async () => {
      const older = await pushManifest('older', ['latest']);
      const newer = await pushManifest('newer', ['latest']);
      expect(await provider.resolveTag(repository, 'latest')).toBe(newer.digest);
      expect(await provider.fetchManifest(repository, older.digest)).toBeDefined();
    });

    it('stores a manifest that has no tag', async () => {
      const { digest } = await pushManifest('untagged', []);
      expect(await provider.fetchManifest(repository, digest)).toBeDefined();
      expect(await provider.listTags(repository)).toEqual([]);
    });

    it('loses no tag when several are pushed at once', async () => {
      const tags = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(tags.map((tag) => pushManifest(tag, [tag])));
      expect((await provider.listTags(repository)).map(({ tag }) => tag).sort()).toEqual(tags);
    });

    it('refuses bytes that are not what their digest says', async () => {
      const digest = digestOf(encode('what was meant'));
      await expect(provider.pushBlob(repository, digest, encode('something else'))).rejects.toMatchObject({ name: 'ModelOpsError' });
      expect(await provider.hasBlob(repository, digest)).toBe(false);
    });
  });
}
