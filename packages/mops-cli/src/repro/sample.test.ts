import { expect, it } from 'vitest';
import { drawSample, largestShare } from './sample.ts';

it('draws without replacement, in order, and the same for the same seed', () => {
  const items = Array.from({ length: 100 }, (_, at) => at);
  const drawn = drawSample(items, 10, 7);
  expect(new Set(drawn).size).toBe(10);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(drawSample(items, 10, 7)).toEqual(drawn);
  expect(drawSample(items, 10, 8)).not.toEqual(drawn);
  expect(drawSample(items, 1000, 7)).toEqual(items);
  expect(drawSample([], 5, 7)).toEqual([]);
});

it('draws every item equally often', () => {
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 2000; seed++) for (const item of drawSample([...counts.keys()], 3, seed)) counts[item]!++;
  // 600 expected each; the standard deviation is 20.5, and the seeds are fixed.
  for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(4 * 20.5);
});

it('bounds the share that may differ: 59 clean results show under 5 %', () => {
  expect(largestShare(0, 59)).toBeLessThan(0.05);
  expect(largestShare(0, 58)).toBeGreaterThan(0.05);
  // scipy.stats.beta.ppf(0.95, k + 1, n - k), SciPy 1.17
  expect(largestShare(1, 20)).toBeCloseTo(0.2161061642068473, 9);
  expect(largestShare(5, 100)).toBeCloseTo(0.1022533776432745, 9);
  expect(largestShare(3, 3)).toBe(1);
});
