/** The quality of a design, updated while values of a column are exchanged. Smaller is better. */
export interface Criterion {
  readonly value: number;
  /** The value if rows a and b exchanged their values of a column. */
  ifSwapped(column: number, a: number, b: number): number;
  swap(column: number, a: number, b: number): void;
}

/** The change of the total by an exchange of two rows' values of a column, which `isKept` makes. */
type Change = (column: number, a: number, b: number, isKept: boolean) => number;

function criterionOf(start: number, change: Change, measure: (total: number) => number): Criterion {
  let total = start;
  return {
    get value() {
      return measure(total);
    },
    ifSwapped: (column, a, b) => measure(total + change(column, a, b, false)),
    swap: (column, a, b) => {
      total += change(column, a, b, true);
    },
  };
}

/** φ₂₄ of the Euclidean distances of all pairs: dominated by the smallest distance, and smoother than φ₅₀. Morris and Mitchell (1995). */
export function maximinCriterion(columns: readonly Float64Array[]): Criterion {
  const n = columns[0]!.length;
  // Distances are divided by a typical distance, so that their powers neither overflow nor underflow.
  const unit = columns.length / 6;
  const squares = new Float64Array(n * n);
  const terms = new Float64Array(n * n);
  const term = (square: number) => powerOf(unit / square);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (const column of columns) square += (column[i]! - column[j]!) ** 2;
      squares[i * n + j] = squares[j * n + i] = square;
      terms[i * n + j] = terms[j * n + i] = term(square);
      sum += terms[i * n + j]!;
    }
  }
  const change: Change = (at, a, b, isKept) => {
    const column = columns[at]!;
    const x = column[a]!;
    const y = column[b]!;
    const rowA = a * n;
    const rowB = b * n;
    let delta = 0;
    for (let j = 0; j < n; j++) {
      if (j === a || j === b) continue;
      // (y − z)² − (x − z)²
      const shift = (y - x) * (y + x - 2 * column[j]!);
      const squareA = squares[rowA + j]! + shift;
      const squareB = squares[rowB + j]! - shift;
      const termA = term(squareA);
      const termB = term(squareB);
      delta += termA - terms[rowA + j]! + (termB - terms[rowB + j]!);
      if (isKept) {
        squares[rowA + j] = squares[j * n + a] = squareA;
        squares[rowB + j] = squares[j * n + b] = squareB;
        terms[rowA + j] = terms[j * n + a] = termA;
        terms[rowB + j] = terms[j * n + b] = termB;
      }
    }
    if (isKept) {
      column[a] = y;
      column[b] = x;
    }
    return delta;
  };
  return criterionOf(sum, change, (total) => rootOf(Math.max(total, 0)));
}

/** x^12 of the squared distance's inverse: the distance to the power of −24. */
function powerOf(x: number): number {
  const x2 = x * x;
  const x4 = x2 * x2;
  const x8 = x4 * x4;
  return x8 * x4;
}

/** x^(1/32): only order and ratio of the values matter, and repeated square roots give the same bits on every machine. */
function rootOf(x: number): number {
  return Math.sqrt(Math.sqrt(Math.sqrt(Math.sqrt(Math.sqrt(x)))));
}

/** The square of the centred L2-discrepancy. F. J. Hickernell (1998). */
export function discrepancyCriterion(columns: readonly Float64Array[]): Criterion {
  const n = columns[0]!.length;
  const scale = 1 / (n * n);
  const constant = powers(13 / 12, columns.length);
  const products = new Float64Array(n * n);
  const own = new Float64Array(n);
  const single = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    own[i] = columns.reduce((product, column) => product * factor(column[i]!, column[i]!), 1);
    single[i] = columns.reduce((product, column) => product * singleFactor(column[i]!), 1);
    for (let j = 0; j < i; j++) {
      let product = 1;
      for (const column of columns) product *= factor(column[i]!, column[j]!);
      products[i * n + j] = products[j * n + i] = product;
    }
  }
  let total = constant;
  for (let i = 0; i < n; i++) {
    total += own[i]! * scale - (2 / n) * single[i]!;
    for (let j = 0; j < i; j++) total += 2 * scale * products[i * n + j]!;
  }
  const change: Change = (columnAt, a, b, isKept) => {
    const column = columns[columnAt]!;
    const x = column[a]!;
    const y = column[b]!;
    const fromX = Math.abs(x - 0.5);
    const fromY = Math.abs(y - 0.5);
    let delta = 0;
    for (let j = 0; j < n; j++) {
      if (j === a || j === b) continue;
      const z = column[j]!;
      const base = 2 + Math.abs(z - 0.5);
      const ratio = (base + fromY - Math.abs(y - z)) / (base + fromX - Math.abs(x - z));
      const productA = products[a * n + j]!;
      const productB = products[b * n + j]!;
      const newA = productA * ratio;
      const newB = productB / ratio;
      delta += newA - productA + (newB - productB);
      if (isKept) {
        products[a * n + j] = products[j * n + a] = newA;
        products[b * n + j] = products[j * n + b] = newB;
      }
    }
    const [ownRatio, singleRatio] = [factor(y, y) / factor(x, x), singleFactor(y) / singleFactor(x)];
    const [ownA, ownB, singleA, singleB] = [own[a]! * ownRatio, own[b]! / ownRatio, single[a]! * singleRatio, single[b]! / singleRatio];
    const ownDelta = ownA + ownB - own[a]! - own[b]!;
    const singleDelta = singleA + singleB - single[a]! - single[b]!;
    if (isKept) {
      [own[a], own[b], single[a], single[b]] = [ownA, ownB, singleA, singleB];
      [column[a], column[b]] = [y, x];
    }
    return 2 * scale * delta + scale * ownDelta - (2 / n) * singleDelta;
  };
  return criterionOf(total, change, (value) => value);
}

function factor(x: number, y: number): number {
  return 1 + 0.5 * (Math.abs(x - 0.5) + Math.abs(y - 0.5) - Math.abs(x - y));
}

function singleFactor(x: number): number {
  const z = Math.abs(x - 0.5);
  return 1 + 0.5 * z - 0.5 * z * z;
}

function powers(x: number, n: number): number {
  let product = 1;
  for (let k = 0; k < n; k++) product *= x;
  return product;
}
