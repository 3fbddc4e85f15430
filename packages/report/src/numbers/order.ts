/** The rows that have a value, sorted by it; equal values keep the order of rows. */
export function rowsByValue(values: Float64Array): Uint32Array {
  let count = 0;
  const rows = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) rows[count++] = row;
  return rows.subarray(0, count).sort((a, b) => values[a]! - values[b]! || a - b);
}

/** The lowest and the highest finite value; 0 and 1 if there is none. */
export function rangeOf(values: Float64Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value < Number.POSITIVE_INFINITY) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** The finite values, sorted. */
export function sortedFinite(values: Float64Array): Float64Array {
  return values.filter(Number.isFinite).sort();
}

/** Spearman's rank correlation of two columns over the given rows. */
export function rankCorrelation(x: Float64Array, y: Float64Array, rows: Uint32Array): number {
  const [a, b] = [ranksOf(x, rows), ranksOf(y, rows)];
  const mean = (rows.length - 1) / 2;
  let [product, squareA, squareB] = [0, 0, 0];
  for (let k = 0; k < rows.length; k++) {
    product += (a[k]! - mean) * (b[k]! - mean);
    squareA += (a[k]! - mean) ** 2;
    squareB += (b[k]! - mean) ** 2;
  }
  const spread = Math.sqrt(squareA * squareB);
  return spread === 0 ? 0 : product / spread;
}

/** Ranks from 0; equal values share their mean rank. */
function ranksOf(values: Float64Array, rows: Uint32Array): Float64Array {
  const order = Uint32Array.from(rows, (_, k) => k).sort((a, b) => values[rows[a]!]! - values[rows[b]!]! || a - b);
  const ranks = new Float64Array(rows.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[rows[order[to]!]!] === values[rows[order[from]!]!]) to += 1;
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}
