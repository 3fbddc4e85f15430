/** What a `put` asks of the key beforehand. */
export type PutCondition = { readonly ifAbsent: true } | { readonly ifMatch: string };

export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/**
 * The only shared state of the system (DESIGN §5). Keys are `/`-separated, relative, without `.`, `..`, empty parts, NUL or back-slashes,
 * at most 1,024 UTF-8 bytes. Every operation may be repeated.
 *
 * Errors: VALUE_INVALID for a bad key; STORE_UNREACHABLE when trying again may help; UNAUTHORISED; STORE_UNWRITABLE.
 * An absent object is never an error, an outage never an absence.
 */
export interface ObjectStore {
  /** The object's bytes, or those of [start, end) where the range asks for it. Undefined when there is none. */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<{ bytes: Uint8Array; etag: string } | undefined>;
  /** Writes the whole object, durably. 'conflict' when the condition does not hold. */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<{ etag: string } | 'conflict'>;
  head(key: string): Promise<{ size: number; etag: string } | undefined>;
  /** Objects whose key begins with `prefix`, in order of UTF-16 code units, after `startAfter` where given. */
  list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectInfo>;
  /** Absent afterwards, whether it was there or not. */
  delete(key: string): Promise<void>;
}
