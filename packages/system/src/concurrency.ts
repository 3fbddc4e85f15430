import { Semaphore } from 'async-mutex';
import pMap, { pMapIterable } from 'p-map';

/** Runs the action on every item, at most `limit` at a time; the results in order of the items. The first error ends it: no further item is taken. */
export function mapConcurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  action: (item: T, index: number) => R | Promise<R>,
): Promise<R[]> {
  return pMap(items, action, { concurrency: limit }) as Promise<R[]>;
}

/** The same, one result after another in order of the items: at most `limit` items are in memory, whatever the number of items. */
export function iterateConcurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  action: (item: T, index: number) => R | Promise<R>,
): AsyncIterable<R> {
  return pMapIterable(items, action, { concurrency: limit }) as AsyncIterable<R>;
}

/** An amount that several actions share, such as bytes of memory. */
export interface Budget {
  /** Waits until `amount` is free and takes it; an amount above the total waits for all of it. Returns how to give it back. */
  take(amount: number): Promise<() => void>;
}

export function createBudget(total: number): Budget {
  const semaphore = new Semaphore(total);
  return { take: async (amount) => (await semaphore.acquire(Math.max(1, Math.min(amount, total))))[1] };
}
