import { mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BundleManifest, formatCount, ModelOpsError, parseBundleRef, parseRepository } from '@modelops/contracts';
import { FOLDER } from '../project/project-environment.ts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { extractBundle } from './extract.ts';
import { compareLocal, type LocalFile } from './local-files.ts';
import { PROGRAMS } from './safe-path.ts';

interface PullRequest {
  /** `<repository>@sha256:…` */
  readonly ref: string;
  readonly dir: string;
  readonly provider: BundleProvider;
  /** Replaces files that differ. Default: refuse. */
  readonly overwrite?: boolean;
}

/**
 * Writes a bundle's sources and data into a folder: verified in a temporary folder first, then moved file by file; files that are not in the
 * bundle are kept. Compiled programs are omitted, since the next push compiles them.
 * @throws LOCAL_CHANGES, before anything is written, for files that differ and for links in the way; BUNDLE_NOT_FOUND, BUNDLE_INVALID, IDENTITY_INVALID
 */
export async function pullBundle({ ref, dir, provider, overwrite = false }: PullRequest) {
  const { repository, digest } = parseBundleRef(ref);
  if (repository === undefined)
    throw new ModelOpsError('IDENTITY_INVALID', `${ref} has no repository`, { hint: 'write <repository>@sha256:…' });
  await mkdir(join(dir, FOLDER), { recursive: true });
  const temporary = await mkdtemp(join(dir, FOLDER, 'pull-'));
  try {
    const extracted = join(temporary, 'files');
    await mkdir(extracted);
    const { manifest } = await extractBundle(provider, parseRepository(repository).name, digest, extracted);
    const files = manifest.files.filter(({ path }) => !path.startsWith(PROGRAMS));
    const written = planPull(dir, files, overwrite);
    for (const path of written) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await rename(join(extracted, path), join(dir, path));
    }
    return { manifest, written, unchanged: files.length - written.length };
  } finally {
    await rm(temporary, { recursive: true, force: true });
    // A refused folder is left unchanged.
    await rmdir(join(dir, FOLDER)).catch(() => undefined);
  }
}

/** The paths to write. @throws LOCAL_CHANGES naming the files in the way */
function planPull(dir: string, files: BundleManifest['files'], overwrite: boolean): string[] {
  const states = files.map((file) => ({ path: file.path, state: compareLocal(dir, file) }));
  const named = (state: LocalFile) => states.filter((file) => file.state === state).map(({ path }) => path);
  const linked = named('linked');
  // Writing through a link would change another file; only its owner may remove it.
  if (linked.length > 0)
    throw inTheWay(dir, linked, 'is a link or a folder, or is below a link or a file', 'remove it, or pull into a new folder');
  const different = named('different');
  if (different.length > 0 && !overwrite) throw inTheWay(dir, different, 'differs from the bundle', '--overwrite replaces it');
  return [...named('missing'), ...different];
}

const NAMED = 20;

function inTheWay(dir: string, paths: readonly string[], what: string, hint: string): ModelOpsError {
  return new ModelOpsError('LOCAL_CHANGES', `${formatCount(paths.length, 'file')} in ${dir} would be overwritten`, {
    hint,
    problems: paths.slice(0, NAMED).map((path) => ({ path, message: what })),
  });
}
