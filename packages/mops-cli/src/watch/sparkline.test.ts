import { expect, it } from 'vitest';
import { sparkline } from './sparkline.ts';

it('has one column per value up to its width, with the full height between the lowest and the highest', () => {
  expect(sparkline([8, 7, 4, 1], 10)).toBe('█▇▄▁');
  expect(sparkline([8, 8, 7, 4, 1, 1], 3)).toBe('█▄▁');
  expect(sparkline([5, 5], 10)).toBe('▁▁');
  expect(sparkline([], 10)).toBe('');
});

it('is logarithmic over large ranges of positive values', () => {
  expect(sparkline([1000, 100, 10, 1], 10)).toBe('█▆▃▁');
  expect(sparkline([1000, 100, 0], 10)).toBe('█▂▁');
});
