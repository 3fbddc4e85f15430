/** The shape of `ObjectStore`, repeated because the testkit may import only contracts; a mismatch fails to compile where a test passes its store. */
export interface ObjectStoreLike {
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<{ bytes: Uint8Array; etag: string } | undefined>;
  put(
    key: string,
    bytes: Uint8Array,
    condition?: { readonly ifAbsent: true; readonly mark?: string } | { readonly ifMatch: string; readonly mark?: string },
  ): Promise<{ etag: string } | 'conflict'>;
  head(key: string): Promise<{ size: number; etag: string; mark?: string } | undefined>;
  list(
    prefix: string,
    options?: { readonly startAfter?: string; readonly delimiter?: '/'; readonly keysOnly?: boolean },
  ): AsyncIterable<{ readonly key: string; readonly size: number; readonly etag: string }>;
  delete(key: string): Promise<void>;
}
