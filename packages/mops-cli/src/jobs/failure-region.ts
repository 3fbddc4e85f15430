import type { ParamValue, ParamValues } from '@modelops/contracts';
import type { Condition, FailureRegion } from '../documents/jobs.ts';

/** Tasks at one point of the parameter space. */
export interface OutcomesAt {
  readonly values: ParamValues;
  readonly failed: number;
  readonly succeeded: number;
}

/** Maximum number of points searched; of more, every k-th. */
const MOST_POINTS = 20_000;
/** Minimum gain in F1 (harmonic mean of purity and coverage) of a region over the whole space, and of a second parameter over one. */
const LEAST_GAIN = 0.05;

/**
 * The leaf of a classification tree of depth two (Breiman et al. 1984; splits by Gini impurity) that fits the failures best: with the highest
 * harmonic mean of purity and coverage. Undefined if nothing failed or nothing succeeded, or if no leaf is clearly better than the whole space.
 */
export function failureRegion(outcomes: readonly OutcomesAt[]): FailureRegion | undefined {
  const step = Math.ceil(outcomes.length / MOST_POINTS);
  const points = step === 1 ? outcomes : outcomes.filter((_, at) => at % step === 0);
  const whole = countsOf(points);
  if (whole.failed === 0 || whole.succeeded === 0) return undefined;
  let best: { readonly leaf: Leaf; readonly score: number } | undefined;
  let least = scoreOf(whole, whole.failed) + LEAST_GAIN;
  let leaves: Leaf[] = [{ points, conditions: [] }];
  for (let depth = 1; depth <= 2; depth++) {
    leaves = leaves.flatMap(split);
    for (const leaf of leaves) {
      const score = scoreOf(countsOf(leaf.points), whole.failed);
      if (score >= least && score > (best?.score ?? 0)) best = { leaf, score };
    }
    if (best !== undefined) least = best.score + LEAST_GAIN;
  }
  if (best === undefined) return undefined;
  const conditions = merged(best.leaf.conditions);
  // Counted over all points, also if only a sample was searched.
  const inside = countsOf(outcomes.filter(({ values }) => conditions.every((condition) => holds(condition, values))));
  const total = countsOf(outcomes);
  return { conditions, ...inside, purity: inside.failed / (inside.failed + inside.succeeded), coverage: inside.failed / total.failed };
}

interface Leaf {
  readonly points: readonly OutcomesAt[];
  readonly conditions: readonly Condition[];
}

interface Counts {
  readonly failed: number;
  readonly succeeded: number;
}

function countsOf(points: readonly OutcomesAt[]): Counts {
  let [failed, succeeded] = [0, 0];
  for (const point of points) {
    failed += point.failed;
    succeeded += point.succeeded;
  }
  return { failed, succeeded };
}

function scoreOf({ failed, succeeded }: Counts, allFailed: number): number {
  return (2 * failed) / (failed + succeeded + allFailed);
}

/** Receives one side of a split by its counts, and what holds on one of the sides. */
type Consider = (side: Counts, condition: () => Condition) => void;

/** The two halves of the split with the lowest impurity; none for a leaf that no split improves. */
function split(leaf: Leaf): Leaf[] {
  const whole = countsOf(leaf.points);
  if (whole.failed === 0 || whole.succeeded === 0) return [];
  let best: (() => Condition) | undefined;
  let least = impurity(whole);
  const consider: Consider = ({ failed, succeeded }, condition) => {
    const sum = impurity({ failed, succeeded }) + impurity({ failed: whole.failed - failed, succeeded: whole.succeeded - succeeded });
    if (sum < least) [best, least] = [condition, sum];
  };
  for (const parameter of Object.keys(leaf.points[0]!.values)) {
    const isNumeric = leaf.points.every(({ values }) => typeof values[parameter] === 'number');
    (isNumeric ? eachThreshold : eachValue)(leaf.points, parameter, consider);
  }
  if (best === undefined) return [];
  const condition = best();
  const side = (isInside: boolean, chosen: Condition): Leaf => ({
    points: leaf.points.filter(({ values }) => holds(condition, values) === isInside),
    conditions: [...leaf.conditions, chosen],
  });
  return [side(true, condition), side(false, opposite(condition))];
}

function eachThreshold(points: readonly OutcomesAt[], parameter: string, consider: Consider): void {
  const sorted = points
    .map(({ values, ...counts }) => ({ value: values[parameter] as number, ...counts }))
    .sort((a, b) => a.value - b.value);
  let [failed, succeeded] = [0, 0];
  for (let at = 0; at + 1 < sorted.length; at++) {
    failed += sorted[at]!.failed;
    succeeded += sorted[at]!.succeeded;
    const [below, above] = [sorted[at]!.value, sorted[at + 1]!.value];
    if (below !== above) consider({ failed, succeeded }, () => ({ parameter, above: shortBetween(below, above), at_most: null }));
  }
}

function eachValue(points: readonly OutcomesAt[], parameter: string, consider: Consider): void {
  const byValue = new Map<ParamValue, Counts>();
  for (const { values, failed, succeeded } of points) {
    const held = byValue.get(values[parameter]!) ?? { failed: 0, succeeded: 0 };
    byValue.set(values[parameter]!, { failed: held.failed + failed, succeeded: held.succeeded + succeeded });
  }
  for (const [equals, counts] of byValue) consider(counts, () => ({ parameter, equals }));
}

/** Gini impurity times the number of tasks, halved: n·p·(1 − p). */
function impurity({ failed, succeeded }: Counts): number {
  return failed + succeeded === 0 ? 0 : (failed * succeeded) / (failed + succeeded);
}

/** The number with the fewest digits in [low, high), so that `low` is not above it and `high` is. */
function shortBetween(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (low <= rounded && rounded < high) return rounded;
  }
  return low;
}

function holds(condition: Condition, values: ParamValues): boolean {
  const value = values[condition.parameter];
  if ('equals' in condition) return value === condition.equals;
  if ('differs' in condition) return value !== condition.differs;
  return (
    typeof value === 'number' &&
    value > (condition.above ?? Number.NEGATIVE_INFINITY) &&
    value <= (condition.at_most ?? Number.POSITIVE_INFINITY)
  );
}

function opposite(condition: Condition): Condition {
  const { parameter } = condition;
  if ('equals' in condition) return { parameter, differs: condition.equals };
  if ('differs' in condition) return { parameter, equals: condition.differs };
  return { parameter, above: null, at_most: condition.above };
}

/** Two thresholds of one parameter as one range. */
function merged(conditions: readonly Condition[]): readonly Condition[] {
  const [first, second] = conditions;
  if (first === undefined || second === undefined || first.parameter !== second.parameter) return conditions;
  if (!('above' in first && 'above' in second)) return conditions;
  const tightest = (choose: typeof Math.max, ...bounds: readonly (number | null)[]) => {
    const set = bounds.filter((bound) => bound !== null);
    return set.length === 0 ? null : choose(...set);
  };
  const above = tightest(Math.max, first.above, second.above);
  return [{ parameter: first.parameter, above, at_most: tightest(Math.min, first.at_most, second.at_most) }];
}

/** `beta > 1.2 and gamma ≤ 0.3`. */
export function describeRegion({ conditions }: Pick<FailureRegion, 'conditions'>): string {
  return conditions.map(describeCondition).join(' and ');
}

function describeCondition(condition: Condition): string {
  const { parameter } = condition;
  if ('equals' in condition) return `${parameter} = ${String(condition.equals)}`;
  if ('differs' in condition) return `${parameter} ≠ ${String(condition.differs)}`;
  const { above, at_most: atMost } = condition;
  if (above === null) return `${parameter} ≤ ${atMost}`;
  return atMost === null ? `${parameter} > ${above}` : `${above} < ${parameter} ≤ ${atMost}`;
}
