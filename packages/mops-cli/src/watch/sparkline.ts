const BARS = '▁▂▃▄▅▆▇█';

/**
 * A series as bars: each column shows the last value of its part of the series. Logarithmic if the values are positive and span more than a factor of 10.
 * @param width maximum number of columns
 */
export function sparkline(values: readonly number[], width: number): string {
  if (values.length === 0) return '';
  const parts = Math.min(width, values.length);
  const shown = Array.from({ length: parts }, (_, k) => values[Math.ceil(((k + 1) * values.length) / parts) - 1]!);
  const [low, high] = [shown.reduce((a, b) => Math.min(a, b)), shown.reduce((a, b) => Math.max(a, b))];
  const height = low > 0 && high / low > 10 ? Math.log : (value: number) => value;
  const span = height(high) - height(low);
  return shown.map((value) => BARS[span === 0 ? 0 : Math.round(((height(value) - height(low)) / span) * (BARS.length - 1))]!).join('');
}
