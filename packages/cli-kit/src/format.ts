export { formatCount } from '@modelops/contracts';

import stringWidth from 'fast-string-width';

/** Width of a text in a terminal, in columns. Plain ASCII, the usual case, needs no Unicode tables, which take 6 ms to load. */
export function displayWidth(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

export interface TableColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  /** `right` for numbers. Default: left. */
  readonly align?: 'left' | 'right';
}

/**
 * Rows under their titles, columns two spaces apart, without a line break at the end; null and undefined show as `-`.
 * Our own: cli-table3 takes 13 s for 10,000 rows, this 30 ms.
 */
export function formatTable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ value }) => String(value(row) ?? '-')))];
  const widths = columns.map((_, at) => cells.reduce((width, line) => Math.max(width, displayWidth(line[at]!)), 0));
  return cells
    .map((line) =>
      line
        .map((cell, at) => pad(cell, widths[at]!, columns[at]!.align))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `850 ms`, `12.3 s`, `3 min 04 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '-';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(minutes / (24 * 60))} d ${Math.floor(minutes / 60) % 24} h`;
}

/** An ISO 8601 time in UTC without fractions and zone: `2026-11-25 10:00:00`. */
export function formatTime(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

/** `850 B`, `12.3 KiB`, `4.0 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let value = bytes;
  while (value >= 999.95 && at < units.length - 1) [value, at] = [value / 1024, at + 1];
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? space + text : text + space;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
