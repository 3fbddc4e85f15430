import type { ParameterSpec, ParamValue, ParamValues } from '@modelops/contracts';
import type { PastSet } from '@modelops/store';

/** A parameter as its model declares it. */
export type DeclaredParameter = ParameterSpec & { readonly name: string };

/** A place in parameter space: a coordinate for each number, 0 to 1 between its bounds, and the value of each choice. */
interface Place {
  readonly coordinates: Float64Array;
  readonly choices: readonly (ParamValue | undefined)[];
}

export interface NearRun {
  readonly meanMs: number;
  readonly distance: number;
}

/**
 * Finds the `k` past parameter sets nearest to one, nearest first. The distance is Euclidean in the declared space: numbers on their declared
 * scale (`log` or linear) with their bounds at 0 and 1; two different choices, or a value that one of the two lacks, are at distance 1.
 */
export function createNearRuns(
  parameters: readonly DeclaredParameter[],
  past: readonly PastSet[],
): (values: ParamValues, k: number) => NearRun[] {
  const numbers = parameters.filter(({ kind }) => kind !== 'choice');
  const choices = parameters.filter(({ kind }) => kind === 'choice');
  const placeOf = (values: ParamValues): Place => ({
    coordinates: Float64Array.from(numbers, (parameter) => coordinateOf(parameter, values[parameter.name])),
    choices: choices.map(({ name }) => values[name]),
  });
  const places = past.map((set) => ({ place: placeOf(JSON.parse(set.params) as ParamValues), meanMs: set.total_ms / set.tasks }));
  return (values, k) => {
    const here = placeOf(values);
    const found: NearRun[] = [];
    for (const { place, meanMs } of places) {
      const distance = distanceOf(here, place);
      if (found.length === k && distance >= found[k - 1]!.distance) continue;
      let at = found.length;
      while (at > 0 && found[at - 1]!.distance > distance) at--;
      found.splice(at, 0, { meanMs, distance });
      if (found.length > k) found.pop();
    }
    return found;
  };
}

function coordinateOf(parameter: DeclaredParameter, value: ParamValue | undefined): number {
  if (parameter.kind === 'choice' || typeof value !== 'number') return Number.NaN;
  const { min, max, scale } = parameter;
  if (max === min) return value - min;
  if (scale === 'log') return value > 0 ? Math.log(value / min) / Math.log(max / min) : 0;
  return (value - min) / (max - min);
}

function distanceOf(a: Place, b: Place): number {
  let sum = 0;
  for (let at = 0; at < a.coordinates.length; at++) {
    const gap = a.coordinates[at]! - b.coordinates[at]!;
    sum += Number.isNaN(gap) ? 1 : gap * gap;
  }
  for (let at = 0; at < a.choices.length; at++) if (a.choices[at] !== b.choices[at]) sum++;
  return Math.sqrt(sum);
}
