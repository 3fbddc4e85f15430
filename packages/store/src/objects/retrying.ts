import { randomUUID } from 'node:crypto';
import { isModelOpsError } from '@modelops/contracts';
import { backoff, pauseOrThrow, retry, type Sleep } from '@modelops/system';
import type { ObjectStore } from './object-store.ts';

export interface RetryOptions {
  readonly attempts?: number;
  readonly sleep?: Sleep;
  /** Gives [0, 1). */
  readonly random?: () => number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The same store, which retries operations that failed with a retryable error: 8 attempts over about half a minute.
 *
 * The response to a conditional put may be lost after the put has succeeded. Each put has its own mark, so that a retry that meets a
 * conflict can distinguish its own object. Equal bytes are not proof: two writers that count from 5 both write 6.
 */
export function retrying(store: ObjectStore, { attempts = 8, random, sleep }: RetryOptions = {}): ObjectStore {
  const options = {
    attempts,
    isRetryable: (error: unknown) => isModelOpsError(error) && error.retryable,
    pauseMs: backoff({ firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS, ...(random === undefined ? {} : { random }) }),
    ...(sleep === undefined ? {} : { sleep }),
  };
  return {
    get: (key, range) => retry(() => store.get(key, range), options),
    head: (key) => retry(() => store.head(key), options),
    delete: (key) => retry(() => store.delete(key), options),
    put(key, bytes, condition) {
      if (condition === undefined) return retry(() => store.put(key, bytes), options);
      const mark = condition.mark ?? randomUUID();
      return retry(async (attempt) => {
        const outcome = await store.put(key, bytes, { ...condition, mark });
        if (outcome !== 'conflict' || attempt === 1) return outcome;
        const held = await store.head(key);
        return held?.mark === mark ? { etag: held.etag } : 'conflict';
      }, options);
    },
    async *list(prefix, listing = {}) {
      let last = listing.startAfter;
      for (let attempt = 1; ; attempt++) {
        try {
          for await (const item of store.list(prefix, last === undefined ? listing : { ...listing, startAfter: last })) {
            yield item;
            last = item.key;
            attempt = 1;
          }
          return;
        } catch (error) {
          await pauseOrThrow(error, attempt, options);
        }
      }
    },
  };
}
