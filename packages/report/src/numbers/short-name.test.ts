import { expect, it } from 'vitest';
import { fittingTitle, shortName } from './short-name.ts';

it('keeps the ends of long names, counted in characters', () => {
  expect(shortName('transmission', 12)).toBe('transmission');
  expect(shortName('transmission_rate_of_adults', 12)).toBe('transmis…lts');
  expect(shortName('🦠'.repeat(20), 6)).toBe('🦠🦠🦠🦠…🦠');
  expect(fittingTitle('transmission_rate', 50)).toBe('tran…e');
});
