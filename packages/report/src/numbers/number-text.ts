/** A number as people write it, with about four digits: `1,234`, `0.05`, `1.2e-7`. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  if (Number.isInteger(value) || size >= 1000) return countText(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

export function countText(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `2,000 files` */
export function countOf(value: number, noun: string): string {
  return `${countText(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A coordinate, with one decimal. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
