import { canonicalJson } from './canonical-json.ts';
import { type Digest, digestOf } from './digest.ts';

export interface ClosureFile {
  /** Relative to the project root, with `/`. */
  readonly path: string;
  readonly sha256: string;
}

export interface ModelClosure {
  /** The files that the model's result depends on: its sources, their imports, declared data. */
  readonly files: readonly ClosureFile[];
  /** Digest of the environment lock (a Python lock file), null where dependencies are in the closure. */
  readonly lock: Digest | null;
  /** The sdk's behaviour version, raised only when results could change. */
  readonly behaviour: number;
}

/** SHA-256 over the sorted `(path, sha256)` of the closure, the lock and the sdk's behaviour version. The order of `files` does not matter. */
export function modelDigestOf({ files, lock, behaviour }: ModelClosure): Digest {
  const sorted = files.map(({ path, sha256 }) => [path, sha256]).sort(([a], [b]) => (a! < b! ? -1 : a! > b! ? 1 : 0));
  return digestOf(canonicalJson({ v: 1, files: sorted, lock, behaviour }));
}
