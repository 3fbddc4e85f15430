import { quantile } from '@modelops/sdk/internal';
import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';
import type { ParameterColumn } from '../report-data.ts';
import { numberText } from './number-text.ts';
import { rangeOf, sortedFinite } from './order.ts';

export interface Tick {
  /** 0 … 1 along the axis. */
  readonly place: number;
  readonly label: string;
}

/** One axis of a plot: places from 0 to 1. */
export interface Axis {
  readonly title: string;
  readonly isLog: boolean;
  /** The number of categories; undefined for numbers. */
  readonly categories: number | undefined;
  /** Number of grid cells along the axis; undefined if they are not limited. */
  readonly cells: number | undefined;
  place(value: number): number;
  /** The value at a place. */
  value(place: number): number;
  /** About `count` ticks. */
  ticks(count: number): Tick[];
  /** A value as text. */
  text(value: number): string;
}

function titleOf({ name, unit }: Pick<ParameterColumn, 'name' | 'unit'>): string {
  return unit === undefined || unit === '' ? name : `${name} (${unit})`;
}

/** Whole numbers whose range is at most this get one cell each. */
const MAX_STEPS = 20;

/** The axis of a parameter: the scale that the model declares, or logarithmic if that spreads the values more evenly. */
export function parameterAxis(column: ParameterColumn): Axis {
  if (column.categories !== undefined) return categoryAxis(column.name, column.categories);
  const [low, high] = rangeOf(column.values);
  const isLog = column.scale === undefined ? isSkewed(column.values, low, high) : column.scale === 'log' && low > 0;
  const isStepped =
    !isLog && high > low && high - low <= MAX_STEPS && column.values.every((value) => Number.isNaN(value) || Number.isInteger(value));
  if (isStepped) return { ...numberAxis(titleOf(column), low - 0.5, high + 0.5, false), cells: high - low + 1 };
  return numberAxis(titleOf(column), low, high, isLog);
}

/** The axis of losses: logarithmic if they are positive and span more than a factor of 30. */
export function lossAxis(title: string, losses: Float64Array): Axis {
  const sorted = sortedFinite(losses);
  const low = sorted[0] ?? 0;
  const high = sorted.at(-1) ?? 1;
  const isLog = low > 0 && quantile(sorted, 0.95) / low > 30;
  return numberAxis(title, low, high, isLog);
}

export function numberAxis(title: string, low: number, high: number, isLog: boolean): Axis {
  // A single value is drawn in the middle.
  const half = high > low ? 0 : Math.abs(low) * 0.1 || 0.5;
  const domain = isLog ? (high > low ? [low, high] : [low / 1.5, high * 1.5]) : [low - half, high + half];
  const scale = (isLog ? scaleLog() : scaleLinear()).domain(domain).range([0, 1]);
  return {
    title,
    isLog,
    categories: undefined,
    cells: undefined,
    // d3 returns undefined for NaN.
    place: (value) => (Number.isNaN(value) ? value : scale(value)),
    value: (place) => scale.invert(place),
    ticks: (count) => ticksOf(isLog, domain as [number, number], scale, count),
    text: numberText,
  };
}

const DAY = 86_400_000;

/** An axis of times in milliseconds since 1970, in UTC. */
export function dateAxis(title: string, low: number, high: number): Axis {
  const half = high > low ? 0 : DAY / 2;
  const domain = [low - half, high + half] as const;
  const axis = numberAxis(title, ...domain, false);
  return {
    ...axis,
    ticks: (count) => {
      const times = scaleUtc()
        .domain(domain)
        .ticks(count)
        .map((time) => time.toISOString());
      const [start, end] = dateParts(times);
      return times.map((time) => ({ place: axis.place(Date.parse(time)), label: time.slice(start, end).replace('T', ' ') }));
    },
    text: (value) =>
      new Date(value)
        .toISOString()
        .slice(0, value % DAY === 0 ? 10 : 16)
        .replace('T', ' '),
  };
}

/** The shortest part of these ISO times that tells them apart: the year, the month, the day or the minute. */
function dateParts(times: readonly string[]): readonly [start: number, end: number] {
  const all = (pattern: RegExp) => times.every((time) => pattern.test(time));
  if (all(/^\d+-01-01T00:00/)) return [0, 4];
  if (all(/-01T00:00/)) return [0, 7];
  const start = new Set(times.map((time) => time.slice(0, 4))).size > 1 ? 0 : 5;
  return [start, all(/T00:00/) ? 10 : 16];
}

function ticksOf(isLog: boolean, [low, high]: [number, number], scale: (value: number) => number, count: number): Tick[] {
  const values = isLog && Math.log10(high / low) >= 1 ? powers(low, high, count) : scaleLinear().domain([low, high]).ticks(count);
  return values.filter((value) => !isLog || value > 0).map((value) => ({ place: scale(value), label: tickText(value) }));
}

/** Powers of ten, thinned out if there are many; with 2 and 5 in between if there are few. */
function powers(low: number, high: number, count: number): number[] {
  const exponents = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.ceil(Math.log10(low)) + 1 },
    (_, k) => k + Math.ceil(Math.log10(low)),
  );
  const step = Math.max(1, Math.ceil(exponents.length / count));
  const tens = exponents.filter((_, k) => k % step === 0).map((exponent) => 10 ** exponent);
  if (exponents.length > 2) return tens;
  const fine = [-1, ...exponents.map((_, k) => k)].flatMap((k) =>
    [1, 2, 5].map((digit) => digit * 10 ** ((exponents[0] ?? Math.ceil(Math.log10(low))) + k)),
  );
  return fine.filter((value) => value >= low && value <= high);
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-3)) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(6)));
}

function categoryAxis(title: string, categories: readonly string[]): Axis {
  const n = categories.length;
  return {
    title,
    isLog: false,
    categories: n,
    cells: n,
    place: (value) => (value + 0.5) / n,
    value: (place) => Math.min(n - 1, Math.floor(place * n)),
    ticks: (count) => {
      const step = Math.max(1, Math.ceil(n / Math.max(count, 4)));
      return categories.flatMap((label, k) => (k % step === 0 ? [{ place: (k + 0.5) / n, label: short(label) }] : []));
    },
    text: (value) => categories[value] ?? '–',
  };
}

function short(label: string): string {
  return label.length > 10 ? `${label.slice(0, 9)}…` : label;
}

/** True for positive values that span more than a factor of 30 and whose logarithms are spread more evenly than the values. */
function isSkewed(values: Float64Array, low: number, high: number): boolean {
  if (!(low > 0) || high / low < 30) return false;
  const middle = quantile(sortedFinite(values), 0.5);
  const unevenness = (place: number) => Math.abs(place - 0.5);
  return unevenness(Math.log(middle / low) / Math.log(high / low)) < unevenness((middle - low) / (high - low));
}
