import { checkKey } from './key.ts';
import type { ObjectStore } from './object-store.ts';

interface Held {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly mark: string | undefined;
}

/** Objects in memory, for tests. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, Held>();
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
      const etag = String(++writes);
      objects.set(key, { bytes: bytes.slice(), etag, mark: condition?.mark });
      return { etag };
    },
    async head(key) {
      checkKey(key);
      const object = objects.get(key);
      return object && { size: object.bytes.byteLength, etag: object.etag, ...(object.mark === undefined ? {} : { mark: object.mark }) };
    },
    async *list(prefix, { startAfter = '', delimiter } = {}) {
      let folder = '';
      for (const key of [...objects.keys()].sort()) {
        const object = objects.get(key);
        const slash = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
        const name = slash < 0 ? key : key.slice(0, slash + 1);
        if (object === undefined || !key.startsWith(prefix) || name <= startAfter || name === folder) continue;
        folder = slash < 0 ? '' : name;
        yield slash < 0 ? { key, size: object.bytes.byteLength, etag: object.etag } : { key: name, size: 0, etag: '' };
      }
    },
    async delete(key) {
      checkKey(key);
      objects.delete(key);
    },
  };
}
