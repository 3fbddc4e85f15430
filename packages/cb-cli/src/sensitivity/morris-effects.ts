import type { ParamValue } from '@modelops/contracts';
import { bootstrapEstimates, type Draw, type Estimate, type Responses } from '@modelops/report/sensitivity';
import type { SampledParameter } from '../space/parameter-space.ts';

interface MorrisOptions {
  /** The parameters that vary, in the order of the columns. */
  readonly parameters: readonly SampledParameter[];
  readonly levels: number;
  readonly bootstraps: number;
  readonly draw: Draw;
}

/**
 * Elementary effects: the difference of two neighbours in a trajectory, divided by the step in the unit cube. M. D. Morris (1991); μ* of Campolongo et al.
 * (2007). A missing row removes the effects of its two steps. σ is without the variance that replicates add by chance.
 * @param rows values of the varying parameters, one trajectory after another.
 */
export function morrisEffects(rows: readonly (readonly ParamValue[])[], { y, noise }: Responses, options: MorrisOptions) {
  const { parameters, levels, bootstraps, draw } = options;
  const d = parameters.length;
  const trajectories = Math.floor(rows.length / (d + 1));
  const step = levels / (2 * (levels - 1));
  // For each parameter: Σ effect, Σ |effect|, Σ effect² , Σ variance of the effect by chance, number.
  const width = 5 * d;
  const sums = new Float64Array(trajectories * width);
  for (let trajectory = 0; trajectory < trajectories; trajectory++) {
    const moves = movesOf(rows.slice(trajectory * (d + 1), (trajectory + 1) * (d + 1)), parameters);
    moves.forEach(({ k, direction }, at) => {
      const from = trajectory * (d + 1) + at;
      const effect = (direction * (y[from + 1]! - y[from]!)) / step;
      if (Number.isNaN(effect)) return;
      const chance = direction === 0 ? 0 : (noise[from]! + noise[from + 1]!) / (step * step);
      [effect, Math.abs(effect), effect * effect, chance, 1].forEach((value, part) => {
        sums[trajectory * width + 5 * k + part] = value;
      });
    });
  }
  const read = (totals: Float64Array) =>
    parameters.flatMap((_, k) => {
      const [sum = 0, absolute = 0, squares = 0, chance = 0, count = 0] = totals.subarray(5 * k, 5 * k + 5);
      const mean = sum / count;
      const variance = (squares - count * mean * mean) / (count - 1) - chance / count;
      return [mean, absolute / count, Math.sqrt(Math.max(0, variance)), count / trajectories];
    });
  const found = bootstrapEstimates({ rows: sums, width }, read, bootstraps, draw);
  return parameters.map((_, k) => {
    const [mean, mean_absolute, sigma, coverage] = found.slice(4 * k, 4 * k + 4) as [Estimate, Estimate, Estimate, Estimate];
    return { mean: mean.value, mean_absolute, sigma, coverage: coverage.value };
  });
}

interface Move {
  readonly k: number;
  /** 1 up, −1 down, 0 if an int or a choice has the same value at both levels. */
  readonly direction: number;
}

/** The parameter that each step of a trajectory changes. A step that changes no value belongs to a parameter that no other step changes. */
function movesOf(rows: readonly (readonly ParamValue[])[], parameters: readonly SampledParameter[]): Move[] {
  const changed = rows.slice(1).map((row, at) => parameters.findIndex((_, k) => row[k] !== rows[at]![k]));
  const unseen = parameters.map((_, k) => k).filter((k) => !changed.includes(k));
  return changed.map((k, at) => {
    if (k < 0) return { k: unseen.shift()!, direction: 0 };
    return { k, direction: Math.sign(placeOf(parameters[k]!, rows[at + 1]![k]!) - placeOf(parameters[k]!, rows[at]![k]!)) };
  });
}

/** A number that grows with the level. */
function placeOf(parameter: SampledParameter, value: ParamValue): number {
  return parameter.kind === 'choice' ? parameter.values.indexOf(value) : (value as number);
}
