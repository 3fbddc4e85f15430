import type { DesignParameter } from '../space/parameter-space.ts';
import { scalingOf } from '../space/scaling.ts';
import type { ParameterTable } from './parameter-table.ts';
import { createSobol, toUnit } from './sobol/sobol.ts';

export interface SobolDesignOptions {
  readonly n: number;
  readonly seed: bigint;
  readonly scramble: boolean;
}

/**
 * `n` points of a Sobol sequence whose j-th dimension is the j-th declared parameter. A fixed parameter keeps its dimension, so that fixing one
 * does not move the values of the others.
 */
export function sobolDesign(parameters: readonly DesignParameter[], { n, seed, scramble }: SobolDesignOptions): ParameterTable {
  const sequence = createSobol({ dimensions: parameters.length, seed, scramble });
  const scalings = parameters.map(scalingOf);
  return {
    size: n,
    names: parameters.map(({ name }) => name),
    block: (start, count) => {
      const units = new Uint32Array(count);
      const unit = new Float64Array(count);
      return scalings.map((scale, dimension) => {
        sequence.fill(dimension, start, units);
        return scale(toUnit(units, unit));
      });
    },
  };
}
