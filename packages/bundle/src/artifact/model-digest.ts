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

type Registered = Omit<RegisteredModel, 'model_digest'> | Omit<RegisteredTarget, 'target_digest'>;

/** The files that results of a model or target depend on, and that must be in the bundle: its program, the files that this loads, its data. */
export function filesOfRegistered(registered: Registered): string[] {
  const { program, closure = [] } = registered;
  const data = 'data' in registered ? registered.data : filesOf(registered.description);
  return [...new Set([program, ...closure, ...data])].sort();
}

/** The digest of a model or target, computed from its files, not copied from the bundle. Each file and the lock must be in `digests`. */
export function digestFrom(registered: Registered, digests: FileDigests): Digest {
  const { lock, description } = registered;
  const files = filesOfRegistered(registered).map((path) => ({ path, sha256: digests.get(path)!.slice('sha256:'.length) }));
  return modelDigestOf({ files, lock: lock === undefined ? null : digests.get(lock)!, behaviour: description.behaviour });
}

/** A model's program under the key of its description: a model may read its data when it loads, so the description depends on them too. */
export function describedWith(program: Program, data: readonly string[], digests: FileDigests): Program {
  if (data.length === 0) return program;
  const lines = [...data].sort().map((path) => `${path} ${digests.get(path)}`);
  return { ...program, key: sha256Hex([program.key, ...lines].join('\n')) };
}
