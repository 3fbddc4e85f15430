import { describe, expect, it } from 'vitest';
import { brailleScatter, type Scatter } from './braille-scatter.ts';

const plot = (x: number[], y: number[], options: Partial<Scatter> = {}) =>
  brailleScatter({ x, y, columns: 14, rows: 2, labelX: String, labelY: String, isLog: false, paintLowest: (text) => text, ...options });

describe('a scatter in braille', () => {
  it('draws extreme points in the corners, with axes around them', () => {
    expect(plot([0, 10, 0, 10], [0, 0, 8, 8])).toEqual(['8 ┤⠁⠀⠀⠀⠀⠀⠀⠀⠀⠀⠈', '0 ┤⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⢀', '  └───────────', '   0        10']);
  });

  it.each([20, 40, 80, 200])('is %d characters wide', (columns) => {
    for (const line of plot([1, 2, 3], [100, 2, 3], { columns, rows: 5 }).slice(0, -1)) expect(line).toHaveLength(columns);
  });

  it('has a logarithmic scale on request, and marks the lowest point', () => {
    const lines = plot([1, 2, 3], [1, 10, 100], { rows: 3, paintLowest: (text) => `<${text}>` });
    expect(lines[2]).toMatch(/^ {3}1 ┤<⡀>/);
    expect(plot([1, 2, 3], [1, 10, 100], { rows: 3, isLog: true })[1]).toMatch(/^ 10 ┤⠀+[^⠀]⠀+$/);
  });

  it('draws a single or repeated point in the middle, and nothing without a finite point', () => {
    expect(plot([5], [0], { rows: 1 })[0]).toMatch(/^[-\d.]+ ┤⠀+[^⠀]⠀+$/);
    expect(plot([1, Number.NaN], [Number.NaN, 1])).toEqual([]);
    expect(plot([], [])).toEqual([]);
  });

  it('places negative and huge values, and cuts long labels at its width', () => {
    const huge = plot([0, 1, 2], [-1.7e308, 0, 1.7e308], { columns: 40, rows: 3 });
    expect(huge.map((line) => line.trim()[0])).toEqual(['1', '0', '-', '└', '0']);
    expect(huge.slice(0, 3).every((line) => /[^⠀]⠀*$/.test(line))).toBe(true);
    const lines = plot([0, 1], [-1, -2], { columns: 30, labelX: (value) => `a-long-category-${value}` });
    expect(lines.at(-1)).toMatch(/^ +a-long-cate… +a-long-cate…$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
  });

  it('accepts 100,000 points', () => {
    const values = Array.from({ length: 200_000 }, (_, at) => at);
    expect(plot(values, values, { columns: 80, rows: 20 })).toHaveLength(22);
  });
});
