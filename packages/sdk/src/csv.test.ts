import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.ts';

describe('parseCsv', () => {
  it('reads columns of numbers as numbers and other columns as text', () => {
    expect(parseCsv('\uFEFFday, infected,region\r\n0,1.5e2,"a, b"\r\n1,-.5,c\r\n\r\n')).toEqual({
      day: Float64Array.of(0, 1),
      infected: Float64Array.of(150, -0.5),
      region: ['a, b', 'c'],
    });
  });

  it('reads a missing number as NaN', () => {
    expect(parseCsv('x,y\n1,a\n,b\nNA,c\n').x).toEqual(Float64Array.of(1, Number.NaN, Number.NaN));
  });

  it('keeps codes with leading zeros and whole numbers beyond 2^53 as text', () => {
    expect(parseCsv('code,id\n06037,9007199254740993\n12000,1\n')).toEqual({ code: ['06037', '12000'], id: ['9007199254740993', '1'] });
  });

  it('reads a header without rows as empty columns', () => {
    expect(parseCsv('a,b\n')).toEqual({ a: [], b: [] });
  });

  it('names the source and the line of an error', () => {
    expect(() => parseCsv('', 'data/observed.csv')).toThrow('data/observed.csv is empty');
    expect(() => parseCsv('a,b\n1,2\n3\n', 'data/observed.csv')).toThrow(/data\/observed.csv is not valid CSV: .* line 3/);
    expect(() => parseCsv('a,a\n1,2\n')).toThrow('two columns a');
    expect(() => parseCsv('a,\n1,2\n')).toThrow('a column without a name');
  });

  it('refuses 10^5 columns', () => {
    const line = (cell: string) => Array.from({ length: 100_000 }, (_, n) => `${cell}${n}`).join();
    expect(() => parseCsv(`${line('c')}\n${line('')}\n`, 'wide.csv')).toThrow('wide.csv has 100000 columns; the limit is 10000');
  });
});
