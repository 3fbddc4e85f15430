/** Points in braille characters, each of which has 2 × 4 dots. */
export interface Scatter {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Total width including the axis, in characters. */
  readonly columns: number;
  /** Height of the plot area, in characters. */
  readonly rows: number;
  /** Text of a value on an axis. */
  readonly labelX: (value: number) => string;
  readonly labelY: (value: number) => string;
  /** Whether y has a logarithmic scale; every y is then positive. */
  readonly isLog: boolean;
  /** Colours the character of the lowest point. */
  readonly paintLowest: (text: string) => string;
}

const BASE = 0x2800;
/** Bits of the dots of a character: rows from the top, left and right. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const NARROWEST = 10;

/** Lines of the plot: the y axis on the left with its largest, middle and smallest value, and the x axis below. Empty without a finite point. */
export function brailleScatter({ x, y, columns, rows, labelX, labelY, isLog, paintLowest }: Scatter): string[] {
  const scaled = isLog ? y.map(Math.log10) : y;
  const points = x.flatMap((value, at) => (Number.isFinite(value) && Number.isFinite(scaled[at]!) ? [[value, scaled[at]!] as const] : []));
  if (points.length === 0) return [];
  const [left, right] = rangeOf(points.map(([value]) => value));
  const [bottom, top] = rangeOf(points.map(([, value]) => value));
  const unscaled = (value: number) => (isLog ? 10 ** value : value);
  const labels = new Map([
    [Math.floor((rows - 1) / 2), labelY(unscaled(top / 2 + bottom / 2))],
    [0, labelY(unscaled(top))],
    [rows - 1, labelY(unscaled(bottom))],
  ]);
  const margin = Math.max(...[...labels.values()].map((label) => label.length));
  const width = Math.max(NARROWEST, columns - margin - 2);
  const cells = new Uint8Array(width * rows);
  const cellOf = ([a, b]: readonly [number, number]) => {
    const column = Math.round(shareOf(a, left, right) * (2 * width - 1));
    const row = Math.round((1 - shareOf(b, bottom, top)) * (4 * rows - 1));
    return { cell: Math.floor(row / 4) * width + Math.floor(column / 2), dot: DOTS[row % 4]![column % 2]! };
  };
  let lowest = points[0]!;
  for (const point of points) {
    const { cell, dot } = cellOf(point);
    cells[cell] = cells[cell]! | dot;
    if (point[1] < lowest[1]) lowest = point;
  }
  const marked = cellOf(lowest).cell;
  const lines = Array.from({ length: rows }, (_, row) => {
    const field = Array.from(cells.subarray(row * width, (row + 1) * width), (bits, column) => {
      const text = String.fromCharCode(BASE + bits);
      return row * width + column === marked ? paintLowest(text) : text;
    });
    const label = labels.get(row);
    return `${(label ?? '').padStart(margin)} ${label === undefined ? '│' : '┤'}${field.join('')}`;
  });
  const half = Math.floor((width - 1) / 2);
  const [first, last] = [cut(labelX(left), half), cut(labelX(right), half)];
  const gap = Math.max(1, width - first.length - last.length);
  return [...lines, `${' '.repeat(margin)} └${'─'.repeat(width)}`, `${' '.repeat(margin + 2)}${first}${' '.repeat(gap)}${last}`];
}

/** Where a value is in a range, from 0 to 1. Halves, since the width of a range of huge values is not finite. */
function shareOf(value: number, low: number, high: number): number {
  return (value / 2 - low / 2) / (high / 2 - low / 2);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** The range of the values; widened if all are equal. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low < high) return [low, high];
  const half = Math.abs(low) / 2 || 0.5;
  return [low - half, high + half];
}
