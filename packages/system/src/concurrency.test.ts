import { describe, expect, it } from 'vitest';
import { createBudget, iterateConcurrently, mapConcurrently } from './concurrency.ts';

const tick = () => new Promise((resolve) => setImmediate(resolve));
/** An action that counts how many run at once, and how many started. */
function counted() {
  const counts = { running: 0, peak: 0, started: 0 };
  const action = async (n: number) => {
    counts.started++;
    counts.peak = Math.max(counts.peak, ++counts.running);
    for (let ticks = 0; ticks <= n % 3; ticks++) await tick();
    counts.running--;
    if (n === 13) throw new Error('thirteen');
    return n * 2;
  };
  return { counts, action };
}
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('mapConcurrently', () => {
  it('runs as many as the limit, and returns results in order', async () => {
    const { counts, action } = counted();
    expect(await mapConcurrently(numbers(12), 4, action)).toEqual(numbers(12).map((n) => n * 2));
    expect(counts).toMatchObject({ peak: 4, started: 12 });
  });

  it('starts no further item after an error', async () => {
    const { counts, action } = counted();
    await expect(mapConcurrently(numbers(1000), 4, action)).rejects.toThrow('thirteen');
    expect(counts.started).toBeLessThan(20);
  });
});

describe('iterateConcurrently', () => {
  it('is ahead of its reader by at most the limit', async () => {
    const { counts, action } = counted();
    const seen: number[] = [];
    for await (const value of iterateConcurrently(numbers(12), 4, action)) {
      seen.push(value);
      expect(counts.started).toBeLessThanOrEqual(seen.length + 4);
    }
    expect(seen).toEqual(numbers(12).map((n) => n * 2));
    expect(counts.peak).toBeLessThanOrEqual(4);
  });

  it('starts no further item after its reader stops, and closes the source', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield* numbers(1000);
      } finally {
        isClosed = true;
      }
    }
    const { counts, action } = counted();
    for await (const value of iterateConcurrently(source(), 4, action)) if (value === 10) break;
    await expect.poll(() => isClosed).toBe(true);
    expect(counts.started).toBeLessThan(20);
  });
});

describe('createBudget', () => {
  it('makes actions wait for their share, and one above the total run alone', async () => {
    const budget = createBudget(10);
    let used = 0;
    const uses: number[] = [];
    const spend = async (amount: number) => {
      const release = await budget.take(amount);
      used += amount;
      uses.push(used);
      await tick();
      used -= amount;
      release();
    };
    await Promise.all([4, 6, 3, 99, 2, 8].map(spend));
    expect(uses.filter((sum) => sum > 10)).toEqual([99]);
  });

  it('takes and releases shares of a budget of 2^50 units', async () => {
    const budget = createBudget(2 ** 50);
    for (let n = 0; n < 100; n++) (await budget.take(2 ** 20))(); // a walk over every unit would exceed the test's time limit
  });
});
