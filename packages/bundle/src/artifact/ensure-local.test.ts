import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '@modelops/contracts';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { createOciLayoutProvider } from '../registry/oci-layout-provider.ts';
import { ensureLocal } from './ensure-local.ts';
import { MEDIA } from './layers.ts';
import { makeProject, SOURCES } from './project.fixture.ts';
import { pushBundle } from './push-bundle.ts';

const REPOSITORY = 'team/nested/epi-sim';
let root: string;
let provider: BundleProvider;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-ensure-'));
  provider = createOciLayoutProvider(join(root, 'registry'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const ensure = (ref: string) => ensureLocal(ref, { provider, cacheDir: join(root, 'cache') });

describe('a pushed project', () => {
  let projectDir: string;
  beforeEach(async () => {
    projectDir = await makeProject();
  });
  afterEach(() => rm(projectDir, { recursive: true, force: true }));
  const push = () => pushBundle({ projectDir, provider, repository: REPOSITORY, tag: 'latest' });

  it('is not sent again when nothing changed', async () => {
    const first = await push();
    const second = await push();
    expect(first.uploaded).not.toEqual([]);
    expect(second).toMatchObject({ digest: first.digest, uploaded: [] });
  });

  it('is brought whole to many that ask at once', async () => {
    const { ref } = await push();
    const found = await Promise.all(Array.from({ length: 6 }, () => ensure(ref)));
    expect(new Set(found.map(({ dir }) => dir)).size).toBe(1);
    for (const [path, text] of Object.entries(SOURCES)) expect(await readFile(join(found[0]!.dir, path), 'utf8')).toBe(text);
    for (const { program } of found[0]!.manifest.models) await access(join(found[0]!.dir, program));
  });

  it('is refused when a blob of it was changed', async () => {
    const { ref, uploaded } = await push();
    const { digest } = uploaded.find(({ mediaType }) => mediaType === MEDIA.code)!;
    await writeFile(join(root, 'registry', REPOSITORY, 'blobs/sha256', digest.slice('sha256:'.length)), 'damaged');
    await expect(ensure(ref)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });
});

type Entry = Partial<Header> & { readonly name: string };

/** A bundle as no push makes it: its manifest lists `header.name` as it is, so that the list alone would let it pass. */
async function pushCrafted(header: Entry, text = 'evil'): Promise<string> {
  const put = async (mediaType: string, bytes: Uint8Array) => {
    const digest = digestOf(bytes);
    await provider.pushBlob(REPOSITORY, digest, bytes);
    return { mediaType, digest, size: bytes.byteLength };
  };
  const tar = pack();
  tar.entry(header, header.linkname === undefined ? text : '');
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  const listed = Buffer.from(header.linkname === undefined ? text : '');
  const files = [{ path: header.name, size: listed.byteLength, digest: digestOf(listed) }];
  const config = await put(MEDIA.config, Buffer.from(JSON.stringify({ schema_version: 1, models: [], targets: [], files })));
  const layers = [await put(MEDIA.code, gzipSync(Buffer.concat(pieces)))];
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.manifest, artifactType: MEDIA.artifact, config, layers }));
  await provider.pushManifest(REPOSITORY, digestOf(bytes), bytes, []);
  return `${REPOSITORY}@${digestOf(bytes)}`;
}

describe('a crafted bundle', () => {
  it('is extracted when it holds a plain file', async () => {
    const { dir } = await ensure(await pushCrafted({ name: 'models/fine.ts' }));
    expect(await readFile(join(dir, 'models/fine.ts'), 'utf8')).toBe('evil');
  });

  it.each([
    ['a path that leaves it', { name: '../escaped' }],
    ['a path that leaves it on the way', { name: 'models/../../escaped' }],
    ['an absolute path', { name: '/tmp/modelops-escaped' }],
    ['a symbolic link', { name: 'link', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'link', type: 'link', linkname: '/etc/passwd' }],
  ] satisfies [string, Entry][])('is refused when it holds %s', async (_, header) => {
    await expect(ensure(await pushCrafted(header))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(access('/tmp/modelops-escaped')).rejects.toThrow();
    await expect(access(join(root, 'cache', 'bundles', 'escaped'))).rejects.toThrow();
  });
});
