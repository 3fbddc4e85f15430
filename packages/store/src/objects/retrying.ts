import { isModelOpsError } from '@modelops/contracts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';

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
    async *list(prefix, { startAfter = '' } = {}) {
      let last = startAfter;
      for (;;) {
        const page = await retry(() => takePage(store.list(prefix, { startAfter: last })));
        yield* page.items;
        if (page.isLast) return;
        last = page.items.at(-1)!.key;
      }
    },
  };
}

const PAGE = 5000;

/** A page of a listing, whole or not at all, so that a repeat after a failure gives no name twice. */
async function takePage(listing: AsyncIterable<ObjectInfo>): Promise<{ readonly items: readonly ObjectInfo[]; readonly isLast: boolean }> {
  const items: ObjectInfo[] = [];
  for await (const item of listing) {
    items.push(item);
    if (items.length === PAGE) return { items, isLast: false };
  }
  return { items, isLast: true };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
