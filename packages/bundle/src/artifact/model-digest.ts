import {
  type BundleManifest,
  type Digest,
  filesOf,
  modelDigestOf,
  type RegisteredModel,
  type RegisteredTarget,
  sha256Hex,
} from '@modelops/contracts';
import type { Program } from '@modelops/model-host';

/** The digests of a bundle's files by path. */
export type FileDigests = ReadonlyMap<string, Digest>;

export function fileDigests(files: BundleManifest['files']): FileDigests {
  return new Map(files.map(({ path, digest }) => [path, digest]));
}

/** The files that a model's results depend on, and that must be in the bundle: its program, the files that this loads, its data. */
export function filesOfModel({ program, closure = [], data }: Omit<RegisteredModel, 'model_digest'>): string[] {
  return [...new Set([program, ...closure, ...data])].sort();
}

export function filesOfTarget({ program, closure = [], description }: Omit<RegisteredTarget, 'target_digest'>): string[] {
  return [...new Set([program, ...closure, ...filesOf(description)])].sort();
}

/** The digest of a model or target, computed from its files, not copied from the bundle. Each file and the lock must be in `digests`. */
export function digestFrom(
  { lock, description: { behaviour } }: Pick<RegisteredModel | RegisteredTarget, 'lock' | 'description'>,
  files: readonly string[],
  digests: FileDigests,
): Digest {
  const closure = files.map((path) => ({ path, sha256: digests.get(path)!.slice('sha256:'.length) }));
  return modelDigestOf({ files: closure, lock: lock === undefined ? null : digests.get(lock)!, behaviour });
}

/** A model's program under the key of its description: a model may read its data when it loads, so the description depends on them too. */
export function describedWith(program: Program, data: readonly string[], digests: FileDigests): Program {
  if (data.length === 0) return program;
  const lines = [...data].sort().map((path) => `${path} ${digests.get(path)}`);
  return { ...program, key: sha256Hex([program.key, ...lines].join('\n')) };
}
