import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BundleManifest,
  type Digest,
  isModelOpsError,
  ModelOpsError,
  parseBundleRef,
  parseRepository,
  shortId,
} from '@modelops/contracts';
import { type BundleProvider, MAX_MANIFEST_BYTES } from '../registry/bundle-provider.ts';
import { readWhole } from '../registry/regular-file.ts';
import { verified } from '../registry/verify.ts';
import { extractBundle } from './extract.ts';
import { isIntact } from './local-files.ts';
import { type OpenedBundle, parseBundle, parseOciManifest } from './read-bundle.ts';

export interface LocalBundle {
  readonly dir: string;
  readonly manifest: BundleManifest;
}

/** The bundle's OCI manifest and config, outside the folder of its files, so that no file of a bundle can replace them. */
const MANIFEST = 'manifest.json';
const CONFIG = 'config.json';

/**
 * The bundle's files on this machine, at `<cacheDir>/bundles/<digest12>/files`: extracted to a temporary folder, verified, renamed. Safe for
 * concurrent processes. The cache is not trusted: each call checks the manifest against the reference's digest, the config against the manifest,
 * and every byte of every file against the config. A damaged entry (a model wrote into it, the disk was full, it was forged) is fetched again.
 * @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE, IDENTITY_INVALID for a reference without a repository
 */
export async function ensureLocal(
  ref: string,
  { provider, cacheDir }: { readonly provider: BundleProvider; readonly cacheDir: string },
): Promise<LocalBundle> {
  const { repository, digest } = parseBundleRef(ref);
  if (repository === undefined) throw new ModelOpsError('IDENTITY_INVALID', `${ref} has no repository`, { hint: '<repository>@sha256:…' });
  const bundles = join(cacheDir, 'bundles');
  const final = join(bundles, shortId(digest));
  const cached = await readLocal(final, digest);
  if (cached !== undefined) return cached;
  await mkdir(bundles, { recursive: true });
  const temporary = await mkdtemp(join(bundles, '.new-'));
  try {
    await mkdir(join(temporary, 'files'));
    const { manifest, bytes } = await extractBundle(provider, parseRepository(repository).name, digest, join(temporary, 'files'));
    await writeFile(join(temporary, MANIFEST), bytes.manifest);
    await writeFile(join(temporary, CONFIG), bytes.config);
    return (await moveInto(temporary, final, digest)) ?? { dir: join(final, 'files'), manifest };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Renames the folder and returns undefined; if another process was first and its bundle is intact, returns that. */
async function moveInto(temporary: string, final: string, digest: Digest): Promise<LocalBundle | undefined> {
  for (;;) {
    try {
      await rename(temporary, final);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      const other = await readLocal(final, digest);
      if (other !== undefined) return other;
      await removeEntry(final);
    }
  }
}

/** Renames the folder before removing it, so that no process sees a part of it. Another process may already have removed it. */
async function removeEntry(final: string): Promise<void> {
  const removed = `${final}.bad-${randomUUID()}`;
  try {
    await rename(final, removed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(removed, { recursive: true, force: true });
}

async function readLocal(final: string, digest: Digest): Promise<LocalBundle | undefined> {
  const bundle = await readCached(final, digest);
  const dir = join(final, 'files');
  return bundle !== undefined && isIntact(dir, bundle.manifest) ? { dir, manifest: bundle.manifest } : undefined;
}

/** Undefined if there is no entry, or if it does not match the digest: the bundle is fetched again. */
async function readCached(final: string, digest: Digest): Promise<OpenedBundle | undefined> {
  try {
    const manifest = await readWhole(join(final, MANIFEST), MAX_MANIFEST_BYTES);
    if (manifest === undefined) return undefined;
    const { config } = parseOciManifest(verified(manifest, digest, final), final);
    const bytes = await readWhole(join(final, CONFIG), config.size);
    return bytes && parseBundle({ manifest, config: verified(bytes, config.digest, final) }, final);
  } catch (error) {
    if (isModelOpsError(error)) return undefined;
    throw error;
  }
}
