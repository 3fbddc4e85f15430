/**
 * The condition of a `put`. `mark` identifies this write: it is stored with the object where responses can be lost, so that a writer that retries
 * distinguishes its own earlier success from another's.
 */
export type PutCondition = { readonly ifAbsent: true; readonly mark?: string } | { readonly ifMatch: string; readonly mark?: string };

export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export interface ListOptions {
  readonly startAfter?: string;
  /** Lists a folder below the prefix once, in place of its objects: a key ending in `/`, of size 0 and with an empty etag. */
  readonly delimiter?: '/';
  /** Only keys are needed: size and etag may be 0 and empty if they cost more. */
  readonly keysOnly?: boolean;
}

/**
 * The only shared state of the system. Keys are `/`-separated and relative, of at most 1,024 UTF-8 bytes, without `.`, `..`,
 * empty parts, NUL or backslashes; `checkKey` has the whole rule. Every operation may be repeated.
 *
 * Errors: VALUE_INVALID for a bad key; STORE_UNREACHABLE when a retry may help; UNAUTHORISED; STORE_UNWRITABLE.
 * An absent object is never an error, an outage never an absence.
 */
export interface ObjectStore {
  /** The object's bytes, or with a range those of [start, end) that exist. Undefined if there is no object. */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<{ bytes: Uint8Array; etag: string } | undefined>;
  /** Writes the whole object, durably. 'conflict' when the condition does not hold. Each write has a different etag. */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<{ etag: string } | 'conflict'>;
  head(key: string): Promise<{ size: number; etag: string; mark?: string } | undefined>;
  /** Objects whose key begins with `prefix`, in order of UTF-16 code units, after `startAfter` where given. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Deletes an object; succeeds if there is none. */
  delete(key: string): Promise<void>;
}
