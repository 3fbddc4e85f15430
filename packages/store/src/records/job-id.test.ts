import { parseJobId } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobTime, newJobId } from './job-id.ts';

const seconds = fc.integer({ min: 0, max: 78_364_164_095 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('newJobId', () => {
  it('contains its time, to the second', () =>
    fc.assert(
      fc.property(seconds, random, (at, drawn) => {
        expect(jobTime(parseJobId(newJobId(new Date(at * 1000 + 999), () => drawn)))).toEqual(new Date(at * 1000));
      }),
    ));

  it('sorts by time', () =>
    fc.assert(
      fc.property(seconds, seconds, random, random, (a, b, x, y) => {
        fc.pre(a < b);
        expect(newJobId(new Date(a * 1000), () => x) < newJobId(new Date(b * 1000), () => y)).toBe(true);
      }),
    ));

  it('refuses a time beyond its digits', () => {
    expect(() => newJobId(new Date(78_364_164_096_000), () => 0)).toThrowError(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  it('finds no time in ids of other programs', () => {
    expect(jobTime('job-abc')).toBeUndefined();
    expect(jobTime('job-a1b2c3d4')).toBeUndefined();
  });
});
