import type { ParamValue } from '@modelops/contracts';
import { bootstrapEstimates, type Draw, type Estimate, type Responses } from '@modelops/report/sensitivity';
import type { SampledParameter } from '../space/parameter-space.ts';

export interface MorrisOptions {
  /** The parameters that vary, in the order of the columns. */
  readonly parameters: readonly SampledParameter[];
  readonly levels: number;
  readonly bootstraps: number;
  readonly draw: Draw;
}

export interface MorrisEffects {
  readonly mean: readonly number[];
  /** The mean of the absolute effects. */
  readonly meanAbsolute: readonly Estimate[];
  /** Without the variance that replicates add by chance. */
  readonly sigma: readonly Estimate[];
  readonly coverage: readonly number[];
}

/**
 * Elementary effects: the difference of two neighbours in a trajectory, divided by the step in the unit cube. M. D. Morris (1991); μ* of Campolongo et al.
 * (2007). A missing row removes the effects of its two steps.
 * @param rows values of the varying parameters, one trajectory after another.
 */
export function morrisEffects(rows: readonly (readonly ParamValue[])[], { y, noise }: Responses, options: MorrisOptions): MorrisEffects {
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
      const [sum, absolute, squares, chance, count] = [0, 1, 2, 3, 4].map((part) => totals[5 * k + part]!) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const mean = sum / count;
      const variance = (squares - count * mean * mean) / (count - 1) - chance / count;
      return [mean, absolute / count, Math.sqrt(Math.max(0, variance)), count / trajectories];
    });
  const found = bootstrapEstimates({ rows: sums, width }, read, bootstraps, draw);
  const part = (at: number) => parameters.map((_, k) => found[4 * k + at]!);
  return { mean: part(0).map(({ value }) => value), meanAbsolute: part(1), sigma: part(2), coverage: part(3).map(({ value }) => value) };
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
