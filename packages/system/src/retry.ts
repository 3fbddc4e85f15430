import { setTimeout } from 'node:timers/promises';

export type Sleep = (milliseconds: number) => Promise<void>;

export const pause: Sleep = (milliseconds) => setTimeout(milliseconds);

export interface RetryOptions {
  /** Maximum number of attempts, including the first. */
  readonly attempts: number;
  readonly isRetryable: (error: unknown) => boolean;
  /** How long to wait after an attempt that failed with this error. */
  readonly pauseMs: (attempt: number, error: unknown) => number;
  readonly sleep?: Sleep;
}

/**
 * Runs an action until it succeeds, its error is final or the attempts are used up; throws the last error.
 * (p-retry can neither honour a server's `Retry-After` nor use the caller's clock.)
 */
export async function retry<T>(action: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      await pauseOrThrow(error, attempt, options);
    }
  }
}

/** The step between two attempts, for callers with a loop of their own: waits, or throws the error if it is final. */
export async function pauseOrThrow(error: unknown, attempt: number, options: RetryOptions): Promise<void> {
  const { attempts, isRetryable, pauseMs, sleep = pause } = options;
  if (attempt >= attempts || !isRetryable(error)) throw error;
  await sleep(pauseMs(attempt, error));
}

/** Pauses that double from `firstMs` up to `longestMs`, each shortened at random by up to half, so that many clients do not retry at once. */
export function backoff({
  firstMs,
  longestMs,
  random = Math.random,
}: {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Gives [0, 1). */
  readonly random?: () => number;
}): (attempt: number) => number {
  return (attempt) => Math.min(longestMs, firstMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
}
