import { createHash } from 'node:crypto';
import { checkKey } from './key.ts';
import type { ObjectStore } from './object-store.ts';

/** Objects in memory, for tests. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, { readonly bytes: Uint8Array; readonly etag: string }>();
  let writes = 0;
  return {
    async get(key, range) {
      checkKey(key);
      const object = objects.get(key);
      return object && { bytes: object.bytes.slice(range?.start, range?.end), etag: object.etag };
    },
    async put(key, bytes, condition) {
      checkKey(key);
      const held = objects.get(key);
      if (condition !== undefined && ('ifAbsent' in condition ? held !== undefined : held?.etag !== condition.ifMatch)) return 'conflict';
      const etag = `${++writes}-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
      objects.set(key, { bytes: bytes.slice(), etag });
      return { etag };
    },
    async head(key) {
      checkKey(key);
      const object = objects.get(key);
      return object && { size: object.bytes.byteLength, etag: object.etag };
    },
    async *list(prefix, { startAfter = '' } = {}) {
      for (const key of [...objects.keys()].sort()) {
        const object = objects.get(key);
        if (object !== undefined && key.startsWith(prefix) && key > startAfter)
          yield { key, size: object.bytes.byteLength, etag: object.etag };
      }
    },
    async delete(key) {
      checkKey(key);
      objects.delete(key);
    },
  };
}
