import { describe, expect, it } from 'vitest';
import { backoff, retry } from './retry.ts';

describe('retry', () => {
  const tryIt = async (failures: readonly string[], attempts = 3) => {
    const slept: number[] = [];
    const outcome = retry(
      async (attempt) => {
        const message = failures[attempt - 1];
        if (message !== undefined) throw new Error(message);
        return attempt;
      },
      {
        attempts,
        isRetryable: (error) => (error as Error).message !== 'final',
        pauseMs: (attempt) => attempt * 10,
        sleep: async (milliseconds) => void slept.push(milliseconds),
      },
    );
    return { outcome: await outcome.catch((error: Error) => error.message), slept };
  };

  it('retries after the pause of each attempt', async () => {
    expect(await tryIt(['a', 'b'])).toEqual({ outcome: 3, slept: [10, 20] });
  });
  it('throws the last error when the attempts are used up', async () => {
    expect(await tryIt(['a', 'b', 'c', 'd'])).toEqual({ outcome: 'c', slept: [10, 20] });
  });
  it('throws a final error at once', async () => {
    expect(await tryIt(['final'])).toEqual({ outcome: 'final', slept: [] });
  });
});

describe('backoff', () => {
  it('doubles up to the longest pause, and shortens by up to half', () => {
    const pausesOf = (random: number) => [1, 2, 3, 4, 50].map(backoff({ firstMs: 100, longestMs: 500, random: () => random }));
    expect(pausesOf(0)).toEqual([50, 100, 200, 250, 250]);
    expect(pausesOf(1)).toEqual([100, 200, 400, 500, 500]);
  });
});
