import type { ParamValue } from '@modelops/contracts';
import { truncatedQuantile } from './distributions/prior.ts';
import { exp, ln, logistic, logit } from './exp-ln.ts';
import type { DesignParameter, NumberParameter } from './parameter-space.ts';

/** Maps coordinates in [0, 1] to values of a parameter. */
export type Scaling = (units: Float64Array) => ArrayLike<ParamValue>;

/**
 * The scaling of a parameter. float: evenly on its scale, or the quantile of its prior truncated to the bounds;
 * int: each whole number equally likely (on a log scale, by the length of its interval; with a prior, by its probability); choice: each value
 * equally likely.
 */
export function scalingOf(parameter: DesignParameter): Scaling {
  switch (parameter.kind) {
    case 'float': {
      const at = quantileOf(parameter, parameter.min, parameter.max);
      return (units) => units.map(at);
    }
    case 'int':
      return scaleInt(parameter);
    case 'choice': {
      const { values } = parameter;
      return (units) => Array.from(units, (unit) => values[Math.min(values.length - 1, Math.floor(unit * values.length))]!);
    }
    case 'fixed':
      return (units) => new Array<ParamValue>(units.length).fill(parameter.value);
  }
}

/** Maps a share in [0, 1] to a value from `min` (0) to `max` (1) on a scale, never outside them. */
export function interpolation(min: number, max: number, scale: NumberParameter['scale']): (share: number) => number {
  const clamp = (value: number) => Math.min(max, Math.max(min, value));
  if (scale === 'linear') {
    const width = max - min;
    return (share) => clamp(min + share * width);
  }
  const [forth, back] = scale === 'log' ? [ln, exp] : [logit, logistic];
  const [start, width] = [forth(min), forth(max) - forth(min)];
  return (share) => (share <= 0 ? min : share >= 1 ? max : clamp(back(start + share * width)));
}

function quantileOf({ prior, scale }: NumberParameter, min: number, max: number): (share: number) => number {
  if (prior === undefined || min === max) return interpolation(min, max, scale);
  return prior.distribution === 'uniform' ? interpolation(min, max, 'linear') : truncatedQuantile(prior, min, max);
}

function scaleInt(parameter: NumberParameter): Scaling {
  const { min, max, scale, prior, rounding } = parameter;
  const clamp = (value: number) => Math.min(max, Math.max(min, value));
  if (prior !== undefined && prior.distribution !== 'uniform') {
    const at = quantileOf(parameter, min - 0.5, max + 0.5);
    return (units) => units.map((unit) => clamp(Math.round(at(unit))));
  }
  if (rounding === 'half-even') {
    const at = interpolation(min, max, prior === undefined ? scale : 'linear');
    return (units) => units.map((unit) => clamp(halfEven(at(unit))));
  }
  if (scale === 'linear' || prior !== undefined) {
    const count = max - min + 1;
    return (units) => units.map((unit) => clamp(Math.floor(min + unit * count)));
  }
  const [start, width] = [ln(min), ln(max + 1) - ln(min)];
  return (units) => units.map((unit) => clamp(Math.floor(exp(start + unit * width))));
}

/** The nearest whole number, the even one if two are equally near, as Python's `round`. */
function halfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
