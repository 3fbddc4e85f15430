import { isModelOpsError } from '@modelops/contracts';
import type { ObjectStore } from './object-store.ts';

export interface RetryOptions {
  readonly attempts?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly random?: () => number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The same store, trying again what failed with a retryable error: up to 8 times over about half a minute, pauses doubled and shortened at random.
 * A conditional put whose answer was lost may have happened: when the repeat meets a conflict and the object holds exactly these bytes, it did.
 */
export function retrying(store: ObjectStore, { attempts = 8, sleep = pause, random = Math.random }: RetryOptions = {}): ObjectStore {
  const retry = async <T>(action: (attempt: number) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action(attempt);
      } catch (error) {
        if (attempt >= attempts || !isModelOpsError(error) || !error.retryable) throw error;
        await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + random() / 2));
      }
    }
  };
  return {
    get: (key, range) => retry(() => store.get(key, range)),
    head: (key) => retry(() => store.head(key)),
    delete: (key) => retry(() => store.delete(key)),
    put: (key, bytes, condition) =>
      retry(async (attempt) => {
        const outcome = await store.put(key, bytes, condition);
        if (outcome !== 'conflict' || attempt === 1) return outcome;
        const held = await store.get(key);
        return held !== undefined && Buffer.compare(held.bytes, bytes) === 0 ? { etag: held.etag } : 'conflict';
      }),
    /** One listing of the store while nothing fails; after a failure another, from the last key given. Each key given starts the count of attempts anew. */
    async *list(prefix, { startAfter = '' } = {}) {
      let last = startAfter;
      let listing = store.list(prefix, { startAfter: last })[Symbol.asyncIterator]();
      for (;;) {
        const step = await retry((attempt) => {
          if (attempt > 1) listing = store.list(prefix, { startAfter: last })[Symbol.asyncIterator]();
          return listing.next();
        });
        if (step.done === true) return;
        last = step.value.key;
        yield step.value;
      }
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
