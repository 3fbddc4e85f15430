import { describe, expect, it } from 'vitest';
import { dateAxis, lossAxis, numberAxis, parameterAxis } from './axis.ts';
import { cellsAlong, countCells } from './grid.ts';

const spread = (of: (k: number) => number) => Float64Array.from({ length: 50 }, (_, k) => of(k));

describe('an axis', () => {
  it('has no place and no cell for a value that is missing', () => {
    for (const isLog of [false, true]) {
      const axis = numberAxis('x', 1, 100, isLog);
      expect(axis.place(Number.NaN)).toBeNaN();
      expect([...cellsAlong(axis, 4, Float64Array.of(1, Number.NaN, 100))]).toEqual([0, -1, 3]);
    }
  });

  it('is logarithmic if values are spread by powers, or if the model declares it', () => {
    expect(parameterAxis({ name: 'x', values: spread((k) => 10 ** (k / 10)) }).isLog).toBe(true);
    expect(parameterAxis({ name: 'x', values: spread((k) => k + 1.5) }).isLog).toBe(false);
    expect(parameterAxis({ name: 'x', scale: 'log', values: spread((k) => k + 1.5) }).isLog).toBe(true);
    expect(
      lossAxis(
        'loss',
        spread((k) => k ** 4 + 1),
      ).isLog,
    ).toBe(true);
    expect(
      lossAxis(
        'loss',
        spread((k) => k - 5),
      ).isLog,
    ).toBe(false);
  });

  it('has one cell for each whole number of a small range, and for each category', () => {
    const { cells, value } = parameterAxis({ name: 'n', values: spread((k) => 1 + (k % 10)) });
    expect([cells, value(0), value(1)]).toEqual([10, 0.5, 10.5]);
    const choice = parameterAxis({ name: 'm', values: spread((k) => k % 2), categories: ['a', 'b'] });
    expect([choice.cells, choice.ticks(4).map(({ label }) => label)]).toEqual([2, ['a', 'b']]);
  });

  it('shows a single value in the middle', () => {
    expect(numberAxis('x', 3, 3, false).place(3)).toBeCloseTo(0.5);
    expect(numberAxis('x', 0, 0, false).place(0)).toBeCloseTo(0.5);
    expect(numberAxis('x', 3, 3, true).place(3)).toBeCloseTo(0.5);
  });

  it('labels powers of ten, and 2 and 5 between few of them', () => {
    const labels = (low: number, high: number) =>
      numberAxis('x', low, high, true)
        .ticks(4)
        .map(({ label }) => label);
    expect(labels(1e-6, 1e3)).toEqual(['1e-6', '0.001', '1', '1000']);
    expect(labels(2, 60)).toEqual(['2', '5', '10', '20', '50']);
  });
});

it('rows without a weight do not count in a grid', () => {
  const axis = numberAxis('x', 0, 1, false);
  const cells = cellsAlong(axis, 2, Float64Array.of(0, 0.2, 1));
  const { counts, sums } = countCells([cells, 2], [cells, 2], Float64Array.of(2, Number.NaN, 5));
  expect([[...counts], [...sums]]).toEqual([
    [1, 0, 0, 1],
    [2, 0, 0, 5],
  ]);
});

describe('an axis of dates', () => {
  const labels = (from: string, to: string) =>
    dateAxis('date', Date.parse(from), Date.parse(to))
      .ticks(4)
      .map(({ label }) => label);

  it('names years, months, days or minutes, with the year where it changes', () => {
    expect(labels('2019-05-01', '2026-05-01')).toEqual(['2020', '2022', '2024', '2026']);
    expect(labels('2026-01-20', '2026-05-10')).toEqual(['2026-02', '2026-03', '2026-04', '2026-05']);
    expect(labels('2026-03-01', '2026-03-08')[0]).toBe('03-02');
    expect(labels('2025-12-28', '2026-01-04')[0]).toMatch(/^2025-12-\d\d$/);
    expect(labels('2026-03-01', '2026-03-02')).toContain('03-01 06:00');
  });

  it('places a single date in the middle, and prints the time only where it is not midnight', () => {
    const axis = dateAxis('date', Date.parse('2026-03-01'), Date.parse('2026-03-01'));
    expect([axis.place(Date.parse('2026-03-01')), axis.text(Date.parse('2026-03-01')), axis.text(Date.parse('2026-03-01T06:30Z'))]).toEqual(
      [0.5, '2026-03-01', '2026-03-01 06:30'],
    );
  });
});
