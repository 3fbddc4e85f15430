import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BundleManifest,
  bundleManifestSchema,
  type Digest,
  isDigest,
  ModelOpsError,
  parseBundleRef,
  parseRepository,
  shortId,
} from '@modelops/contracts';
import * as z from 'zod';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { extractBundle } from './extract.ts';
import { isIntact } from './local-files.ts';

export interface LocalBundle {
  readonly dir: string;
  readonly manifest: BundleManifest;
}

/** Beside the bundle's files, so that nothing of a bundle can pass for it. */
const markerSchema = z.object({ digest: z.string().refine(isDigest), manifest: bundleManifestSchema });

/**
 * The bundle's files on this machine, at `<cacheDir>/bundles/<digest12>/files`: extracted aside, verified, renamed into place. Many processes
 * may ask at once. Every byte is verified each time: a folder that is not what was pushed (a model wrote into it, a disk was full) is made anew.
 * @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE, IDENTITY_INVALID for a reference without a repository
 */
export async function ensureLocal(
  ref: string,
  { provider, cacheDir }: { readonly provider: BundleProvider; readonly cacheDir: string },
): Promise<LocalBundle> {
  const { repository, digest } = parseBundleRef(ref);
  if (repository === undefined)
    throw new ModelOpsError('IDENTITY_INVALID', `${ref} names no repository`, { hint: '<repository>@sha256:…' });
  const bundles = join(cacheDir, 'bundles');
  const final = join(bundles, shortId(digest));
  const held = await readLocal(final, digest);
  if (held !== undefined) return held;
  await mkdir(bundles, { recursive: true });
  const aside = await mkdtemp(join(bundles, '.aside-'));
  try {
    await mkdir(join(aside, 'files'));
    const manifest = await extractBundle(provider, parseRepository(repository).name, digest, join(aside, 'files'));
    await writeFile(join(aside, 'bundle.json'), JSON.stringify({ digest, manifest }));
    return (await settle(aside, final, digest)) ?? { dir: join(final, 'files'), manifest };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Renames into place. Another process may have been first: then its folder is the one, if it is good. */
async function settle(aside: string, final: string, digest: Digest): Promise<LocalBundle | undefined> {
  for (;;) {
    try {
      await rename(aside, final);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      const other = await readLocal(final, digest);
      if (other !== undefined) return other;
      await setAside(final);
    }
  }
}

/** Renamed first, so that nobody sees half a folder. Another process may have been faster. */
async function setAside(final: string): Promise<void> {
  const grave = `${final}.bad-${randomUUID()}`;
  try {
    await rename(final, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(grave, { recursive: true, force: true });
}

async function readLocal(final: string, digest: Digest): Promise<LocalBundle | undefined> {
  const marker = await readMarker(join(final, 'bundle.json'));
  const dir = join(final, 'files');
  if (marker?.digest !== digest || !isIntact(dir, marker.manifest)) return undefined;
  return { dir, manifest: marker.manifest };
}

async function readMarker(file: string): Promise<z.output<typeof markerSchema> | undefined> {
  try {
    return markerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // not there, or not whole: the bundle is brought again
  }
}
