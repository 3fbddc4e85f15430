import { randomUUID } from 'node:crypto';
import { isModelOpsError } from '@modelops/contracts';
import type { ObjectStore } from './object-store.ts';

export interface RetryOptions {
  readonly attempts?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Gives [0, 1). */
  readonly random?: () => number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The same store, trying again what failed with a retryable error: up to 8 times over about half a minute, pauses doubled and shortened at random.
 *
 * The answer to a conditional put may be lost after the put has happened. Each carries a mark of its own, so that a repeat that meets a
 * conflict knows whether the object there is its own work. Equal bytes would not tell: two writers that count from 5 both write 6.
 */
export function retrying(store: ObjectStore, { attempts = 8, sleep = pause, random = Math.random }: RetryOptions = {}): ObjectStore {
  /** Waits before the next attempt, or throws what is final. */
  const orGiveUp = async (error: unknown, attempt: number): Promise<void> => {
    if (attempt >= attempts || !isModelOpsError(error) || !error.retryable) throw error;
    await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + random() / 2));
  };
  const retry = async <T>(action: (attempt: number) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action(attempt);
      } catch (error) {
        await orGiveUp(error, attempt);
      }
    }
  };
  return {
    get: (key, range) => retry(() => store.get(key, range)),
    head: (key) => retry(() => store.head(key)),
    delete: (key) => retry(() => store.delete(key)),
    put(key, bytes, condition) {
      if (condition === undefined) return retry(() => store.put(key, bytes));
      const mark = condition.mark ?? randomUUID();
      return retry(async (attempt) => {
        const outcome = await store.put(key, bytes, { ...condition, mark });
        if (outcome !== 'conflict' || attempt === 1) return outcome;
        const held = await store.head(key);
        return held?.mark === mark ? { etag: held.etag } : 'conflict';
      });
    },
    async *list(prefix, options = {}) {
      let last = options.startAfter;
      for (let attempt = 1; ; attempt++) {
        try {
          for await (const item of store.list(prefix, last === undefined ? options : { ...options, startAfter: last })) {
            yield item;
            last = item.key;
            attempt = 1;
          }
          return;
        } catch (error) {
          await orGiveUp(error, attempt);
        }
      }
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
