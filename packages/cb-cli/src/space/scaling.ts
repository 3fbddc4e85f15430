import type { ParamValue } from '@modelops/contracts';
import type { DesignParameter } from './parameter-space.ts';

/** Coordinates in [0, 1) as values of a parameter. */
export type Scaling = (units: Float64Array) => readonly ParamValue[] | Float64Array;

/**
 * How a parameter takes its values from the unit interval. float: `min + u (max − min)`, on the logarithms for a log scale;
 * int: each whole number equally likely (on a log scale, by the length of its interval); choice: each value equally likely.
 */
export function scalingOf(parameter: DesignParameter): Scaling {
  switch (parameter.kind) {
    case 'float': {
      const at = interpolation(parameter.min, parameter.max, parameter.scale);
      return (units) => units.map(at);
    }
    case 'int':
      return scaleInt(parameter.min, parameter.max, parameter.scale);
    case 'choice': {
      const { values } = parameter;
      return (units) => Array.from(units, (unit) => values[Math.min(values.length - 1, Math.floor(unit * values.length))]!);
    }
    case 'fixed':
      return (units) => new Array<ParamValue>(units.length).fill(parameter.value);
  }
}

/** A share in [0, 1] of the way from `min` to `max` on a scale; 0 gives `min`, and rounding never carries a value past a bound. */
export function interpolation(min: number, max: number, scale: 'linear' | 'log'): (share: number) => number {
  const clamp = (value: number) => Math.min(max, Math.max(min, value));
  if (scale === 'linear') {
    const width = max - min;
    return (share) => clamp(min + share * width);
  }
  const [start, width] = [Math.log(min), Math.log(max) - Math.log(min)];
  return (share) => (share === 0 ? min : clamp(Math.exp(start + share * width)));
}

function scaleInt(min: number, max: number, scale: 'linear' | 'log'): Scaling {
  const clamp = (value: number) => Math.min(max, Math.max(min, value));
  if (scale === 'linear') {
    const count = max - min + 1;
    return (units) => units.map((unit) => clamp(Math.floor(min + unit * count)));
  }
  const [start, width] = [Math.log(min), Math.log(max + 1) - Math.log(min)];
  return (units) => units.map((unit) => clamp(Math.floor(Math.exp(start + unit * width))));
}
