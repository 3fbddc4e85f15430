import pMap, { pMapIterable } from 'p-map';

/** Runs the action on every item, at most `limit` at a time; results are in the order of the items. After the first error no further item is started. */
export function mapConcurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  action: (item: T, index: number) => R | Promise<R>,
): Promise<R[]> {
  return pMap(items, action, { concurrency: limit }) as Promise<R[]>;
}

/** The same, one result after another in order of the items: at most `limit` items are in memory. */
export function iterateConcurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  action: (item: T, index: number) => R | Promise<R>,
): AsyncIterable<R> {
  return pMapIterable(items, action, { concurrency: limit }) as AsyncIterable<R>;
}

/** An amount that several actions share, such as bytes of memory. */
export interface Budget {
  /** Waits until `amount` is free and takes it; an amount above the total waits for the total. Returns a function that releases it. */
  take(amount: number): Promise<() => void>;
}

/**
 * A budget whose takers are served in order. Our own, because the semaphore of async-mutex walks over every unit of its value at each release, which
 * takes seconds when the units are bytes.
 */
export function createBudget(total: number): Budget {
  const waiting: { readonly amount: number; readonly start: () => void }[] = [];
  let free = total;
  const serve = () => {
    while (waiting.length > 0 && waiting[0]!.amount <= free) {
      const { amount, start } = waiting.shift()!;
      free -= amount;
      start();
    }
  };
  return {
    take: (requested) =>
      new Promise((resolve) => {
        const amount = Math.max(1, Math.min(requested, total));
        let isTaken = true;
        const release = () => {
          if (isTaken) free += amount;
          isTaken = false;
          serve();
        };
        waiting.push({ amount, start: () => resolve(release) });
        serve();
      }),
  };
}
