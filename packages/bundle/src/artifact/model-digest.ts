import { type BundleManifest, type Digest, filesOf, modelDigestOf, type RegisteredModel, type RegisteredTarget } from '@modelops/contracts';

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

/** A model's digest, computed from its files, not copied from the bundle. Each file and the lock must be in `digests`. */
export function modelDigestFrom(model: Omit<RegisteredModel, 'model_digest'>, digests: FileDigests): Digest {
  const lock = model.lock === undefined ? null : digests.get(model.lock)!;
  return modelDigestOf({ files: closureOf(filesOfModel(model), digests), lock, behaviour: model.description.behaviour });
}

/** As {@link modelDigestFrom}, for a target. */
export function targetDigestFrom(target: Omit<RegisteredTarget, 'target_digest'>, digests: FileDigests): Digest {
  const lock = target.lock === undefined ? null : digests.get(target.lock)!;
  return modelDigestOf({ files: closureOf(filesOfTarget(target), digests), lock, behaviour: target.description.behaviour });
}

function closureOf(paths: readonly string[], digests: FileDigests) {
  return paths.map((path) => ({ path, sha256: digests.get(path)!.slice('sha256:'.length) }));
}
