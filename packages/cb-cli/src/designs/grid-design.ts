import type { ParamValue, Problem } from '@modelops/contracts';
import { checkNames, type DesignParameter } from '../space/parameter-space.ts';
import { interpolation } from '../space/scaling.ts';
import type { ParameterTable } from './parameter-table.ts';

/** How many values each parameter takes in a grid. */
export interface GridPoints {
  readonly all: number;
  readonly byName: ReadonlyMap<string, number>;
}

/** Sets of the largest grid, as many as the largest Sobol design has. */
export const MAX_GRID_SIZE = 2 ** 30;

const DEFAULT_POINTS = 5;

/** Reads `N` (all parameters) and `name=N` (one). What is wrong is added to `problems`; names are checked when the parameters are known. */
export function parseGridPoints(
  words: readonly string[],
  parameters: readonly DesignParameter[] | undefined,
  problems: Problem[],
): GridPoints {
  let all: number | undefined;
  const byName = new Map<string, number>();
  for (const word of words) {
    const [count = '', name] = word.split('=', 2).reverse();
    const points = /^\d{1,10}$/.test(count) ? Number(count) : 0;
    const refuse = (message: string) => problems.push({ path: '--grid-points', message });
    if (points < 1) refuse(`"${word}" is neither a number from 1 nor name=number`);
    else if (name === undefined ? all !== undefined : byName.has(name)) refuse(`${name ?? 'the number for all parameters'} is given twice`);
    else if (name === undefined) all = points;
    else byName.set(name, points);
  }
  if (parameters === undefined) return { all: all ?? DEFAULT_POINTS, byName };
  checkNames(
    '--grid-points',
    [...byName.keys()],
    parameters.map(({ name }) => name),
    problems,
  );
  for (const { name, kind } of parameters) {
    if (byName.has(name) && (kind === 'choice' || kind === 'fixed')) {
      problems.push({
        path: `--grid-points ${name}`,
        message: kind === 'fixed' ? `${name} is fixed` : `${name} is a choice and takes each of its values`,
      });
    }
  }
  return { all: all ?? DEFAULT_POINTS, byName };
}

/**
 * Every combination of the parameters' values; the last declared parameter varies fastest. A float takes evenly spaced values of its scale, both bounds
 * included (the middle when it takes one); an int at most as many as it has; a choice each of its values.
 */
export function gridDesign(parameters: readonly DesignParameter[], points: GridPoints): ParameterTable {
  const levels = parameters.map((parameter) => levelsOf(parameter, points.byName.get(parameter.name) ?? points.all));
  const size = levels.reduce((product, values) => product * values.length, 1);
  let stride = size;
  const strides = levels.map((values) => {
    stride /= values.length;
    return stride;
  });
  return {
    size,
    names: parameters.map(({ name }) => name),
    block: (start, count) =>
      levels.map((values, at) =>
        Array.from({ length: count }, (_, row) => values[Math.floor((start + row) / strides[at]!) % values.length]!),
      ),
  };
}

/** How many sets {@link gridDesign} would have, without making any. */
export function gridSize(parameters: readonly DesignParameter[], points: GridPoints): number {
  return parameters.reduce((product, parameter) => product * levelCountOf(parameter, points.byName.get(parameter.name) ?? points.all), 1);
}

function levelCountOf(parameter: DesignParameter, points: number): number {
  switch (parameter.kind) {
    case 'fixed':
      return 1;
    case 'choice':
      return parameter.values.length;
    case 'int':
      return Math.min(points, parameter.max - parameter.min + 1);
    case 'float':
      return parameter.min === parameter.max ? 1 : points;
  }
}

function levelsOf(parameter: DesignParameter, points: number): readonly ParamValue[] {
  if (parameter.kind === 'fixed') return [parameter.value];
  if (parameter.kind === 'choice') return parameter.values;
  const { kind, min, max, scale } = parameter;
  const count = levelCountOf(parameter, points);
  const isWhole = kind === 'int';
  if (isWhole && count === max - min + 1) return Array.from({ length: count }, (_, at) => min + at);
  const values = spaced(min, max, scale, count);
  return isWhole ? [...new Set(values.map(Math.round))] : values;
}

function spaced(min: number, max: number, scale: 'linear' | 'log', count: number): number[] {
  const at = interpolation(min, max, scale);
  if (count === 1) return [at(0.5)];
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? max : at(i / (count - 1))));
}
