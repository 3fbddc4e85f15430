import { createHash, hash } from 'node:crypto';
import { ModelOpsError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Branded } from './ids.ts';

/** `sha256:` and 64 hex digits, as OCI writes it. */
export type Digest = Branded<'Digest'>;

/** SHA-256 hex of bytes or UTF-8 text. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

export function digestOf(data: Uint8Array | string): Digest {
  return `sha256:${sha256Hex(data)}` as Digest;
}

/** A digest made piece by piece, for what does not fit in memory. */
export function createDigest(): { update(bytes: Uint8Array): void; digest(): Digest } {
  const state = createHash('sha256');
  return { update: (bytes) => void state.update(bytes), digest: () => `sha256:${state.digest('hex')}` as Digest };
}

/** @throws IDENTITY_INVALID */
export function parseDigest(text: string): Digest {
  if (!isDigest(text))
    throw new ModelOpsError('IDENTITY_INVALID', `invalid digest "${text.slice(0, 100)}": expected sha256:<64 lowercase hex digits>`);
  return text;
}

export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

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
