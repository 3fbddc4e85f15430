import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BundleManifest,
  bundleManifestSchema,
  ModelOpsError,
  parseBundleRef,
  parseJson,
  parseRepository,
  shortId,
} from '@modelops/contracts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { extractBundle } from './extract.ts';

export interface LocalBundle {
  readonly dir: string;
  readonly manifest: BundleManifest;
}

/** Beside the bundle's files, so that nothing of a bundle can pass for it. */
interface Marker {
  readonly digest: string;
  readonly manifest: unknown;
}

/**
 * The bundle's files on this machine, at `<cacheDir>/bundles/<digest12>/files`: extracted aside, verified, renamed into place. Many
 * processes may ask at once. A folder without a marker of the full digest is made anew.
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
    await writeFile(join(aside, 'bundle.json'), JSON.stringify({ digest, manifest } satisfies Marker));
    return (await settle(aside, final, digest)) ?? { dir: join(final, 'files'), manifest };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Renames into place. Another process may have been first: then its folder is the one, if it is good. */
async function settle(aside: string, final: string, digest: string): Promise<LocalBundle | undefined> {
  for (;;) {
    try {
      await rename(aside, final);
      return undefined;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      const other = await readLocal(final, digest);
      if (other !== undefined) return other;
      await rm(final, { recursive: true, force: true });
    }
  }
}

async function readLocal(final: string, digest: string): Promise<LocalBundle | undefined> {
  try {
    const source = join(final, 'bundle.json');
    const marker = JSON.parse(await readFile(source, 'utf8')) as Marker;
    if (marker.digest !== digest) return undefined;
    return {
      dir: join(final, 'files'),
      manifest: parseJson(JSON.stringify(marker.manifest), bundleManifestSchema, { source, code: 'BUNDLE_INVALID' }),
    };
  } catch {
    return undefined; // not there, or not whole: it is made anew
  }
}
