import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatTable, formatTime } from './format.ts';
import { paletteOf } from './style.ts';

describe('format', () => {
  it('aligns columns under their titles, with and without colours', () => {
    const { green } = paletteOf(true);
    const table = formatTable(
      [
        { job: 'a', tasks: 1000 },
        { job: green('longer'), tasks: null },
      ],
      [
        { title: 'job', value: ({ job }) => job },
        { title: 'tasks', value: ({ tasks }) => tasks, align: 'right' },
      ],
    );
    expect(table).toBe(`job     tasks\na        1000\n${green('longer')}      -`);
  });

  it('aligns columns by terminal cells, not characters', () => {
    const table = formatTable(
      ['日本', 'é'],
      [
        { title: 'name', value: (name) => name },
        { title: 'n', value: () => 1 },
      ],
    );
    expect(table).toBe('name  n\n日本  1\né     1');
  });

  it('writes durations in at most two units', () => {
    const written = [0, 999, 999.7, 12_345, 59_960, 184_000, 7_500_000, 86_399_999, 273_600_000, Number.POSITIVE_INFINITY].map(
      formatDuration,
    );
    expect(written).toEqual(['0 ms', '999 ms', '1.0 s', '12.3 s', '1 min 00 s', '3 min 04 s', '2 h 05 min', '1 d 0 h', '3 d 4 h', '-']);
  });

  it('writes times without fractions and zone', () => expect(formatTime('2026-11-25T10:00:07.123Z')).toBe('2026-11-25 10:00:07'));

  it('writes bytes in the unit that keeps them short', () => {
    const written = [0, 850, 1000, 1536, 999.96 * 1024, 4 * 2 ** 20, 3e15].map(formatBytes);
    expect(written).toEqual(['0 B', '850 B', '1.0 KiB', '1.5 KiB', '1.0 MiB', '4.0 MiB', '2728.5 TiB']);
  });

  it('groups digits and counts nouns', () => {
    expect([formatCount(1234567), formatCount(1, 'task'), formatCount(0, 'task')]).toEqual(['1,234,567', '1 task', '0 tasks']);
  });
});
