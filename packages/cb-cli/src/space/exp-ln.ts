// e^x and the natural logarithm by additions and multiplications, which every machine rounds the same way; the results of `Math.exp` and `Math.log` may
// change with the version of the engine. After fdlibm's e_exp.c and e_log.c (Sun Microsystems, 1993; licence in NOTICE.md), errors below 1 ulp.

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = Math.LOG2E;
const view = new DataView(new ArrayBuffer(8));

/** e^x. */
export function exp(x: number): number {
  if (Number.isNaN(x) || x > 709.782712893384) return Number.isNaN(x) ? x : Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  if (Math.abs(x) < 2 ** -28) return 1 + x;
  let k = 0;
  let high = x;
  let low = 0;
  if (Math.abs(x) > 0.5 * Math.LN2) {
    k = Math.abs(x) < 1.0397207708399179 ? Math.sign(x) : Math.trunc(INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5));
    high = x - k * LN2_HIGH;
    low = k * LN2_LOW;
  }
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t * (-0.0027777777777015593 + t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k >= -1021) return k === 1024 ? y * 2 * 2 ** 1023 : y * powerOf2(k);
  return y * powerOf2(k + 1000) * 2 ** -1000;
}

/** ln x; −Infinity for 0, NaN for negative numbers. */
export function ln(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  let k = 0;
  let scaled = x;
  if (x < 2 ** -1022) [k, scaled] = [-54, x * 2 ** 54];
  view.setFloat64(0, scaled);
  let word = view.getInt32(0);
  k += (word >> 20) - 1023;
  word &= 0xfffff;
  const carry = (word + 0x95f64) & 0x100000;
  view.setInt32(0, word | (carry ^ 0x3ff00000));
  k += carry >> 20;
  const f = view.getFloat64(0) - 1;
  if ((0xfffff & (2 + word)) < 3) {
    const r = f * f * (0.5 - 0.3333333333333333 * f);
    return k === 0 ? f - r : k * LN2_HIGH - (r - k * LN2_LOW - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const r = odd + even;
  if (((word - 0x6147a) | (0x6b851 - word)) > 0) {
    const half = 0.5 * f * f;
    return k === 0 ? f - (half - s * (half + r)) : k * LN2_HIGH - (half - (s * (half + r) + k * LN2_LOW) - f);
  }
  return k === 0 ? f - s * (f - r) : k * LN2_HIGH - (s * (f - r) - k * LN2_LOW - f);
}

/** ln(p / (1 − p)) */
export function logit(p: number): number {
  return ln(p / (1 - p));
}

/** The inverse of {@link logit}. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const small = exp(x);
  return small / (1 + small);
}

/** 2^k exactly, −1022 ≤ k ≤ 1023. */
function powerOf2(k: number): number {
  view.setInt32(0, (k + 1023) << 20);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}
