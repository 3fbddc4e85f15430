import { formatCount, type ParamValue, type Problem } from '@modelops/contracts';
import * as z from 'zod';
import { checkNames, type DesignParameter } from '../space/parameter-space.ts';
import { scalingOf } from '../space/scaling.ts';
import { type Design, no, YES, yes } from './design.ts';
import type { ParameterTable } from './parameter-table.ts';

type Options = { readonly gridPoints: readonly string[] };
type Settings = { readonly grid_points: readonly string[] };

/** The number of values of each parameter in a grid. */
interface GridPoints {
  readonly all: number;
  readonly byName: ReadonlyMap<string, number>;
}

/** Maximum number of sets, as for a Sobol design. */
const MAX_GRID_SIZE = 2 ** 30;
const DEFAULT_POINTS = 5;

/** Every combination of the parameters' values; the last declared parameter varies fastest. */
export const grid: Design<Options, Settings> = {
  method: 'grid',
  supports: {
    mixed: YES,
    constraint: yes('rejected combinations are left out'),
    extend: no('a finer grid has other points: merge two studies'),
    priors: yes('values are quantiles'),
  },
  examples: [
    'cb sampling grid models/seir.ts:StochasticSEIR --grid-points 10 > study.json',
    'cb sampling grid models/seir.ts:StochasticSEIR --grid-points 3,beta=20 --fix gamma=0.2 -o study.json',
  ],
  options: {
    gridPoints: z
      .array(z.string())
      .default([String(DEFAULT_POINTS)])
      .describe('Number of values of every parameter, or name=N for one; a choice takes all of its values')
      .meta({ placeholder: 'N' }),
  },
  readSettings: ({ gridPoints }, problems) => {
    parseGridPoints(gridPoints, problems);
    return { grid_points: gridPoints };
  },
  check: ({ grid_points }, parameters, problems) => {
    const before = problems.length;
    const points = parseGridPoints(grid_points, []);
    checkGridNames(points, parameters, problems);
    if (problems.length > before) return;
    const size = parameters.reduce((product, parameter) => product * levelCountOf(parameter, pointsOf(parameter, points)), 1);
    if (size > MAX_GRID_SIZE) {
      problems.push({
        path: '--grid-points',
        message: `the grid would have ${formatCount(size)} sets, more than 2^30; use fewer points`,
      });
    }
  },
  points: ({ grid_points }, parameters) => ({ points: gridTable(parameters, parseGridPoints(grid_points, [])) }),
  title: () => 'Grid',
};

/** Reads `N` (all parameters) and `name=N` (one). Every problem is added to `problems`. */
function parseGridPoints(words: readonly string[], problems: Problem[]): GridPoints {
  let all: number | undefined;
  const byName = new Map<string, number>();
  for (const word of words) {
    const [count = '', name] = word.split('=', 2).reverse();
    const points = /^\d{1,10}$/.test(count) ? Number(count) : 0;
    const refuse = (message: string) => problems.push({ path: '--grid-points', message });
    if (points < 1) refuse(`invalid value "${word}": expected N or name=N, with N at least 1`);
    else if (name === undefined ? all !== undefined : byName.has(name)) refuse(`${name ?? 'the number for all parameters'} is given twice`);
    else if (name === undefined) all = points;
    else byName.set(name, points);
  }
  return { all: all ?? DEFAULT_POINTS, byName };
}

function checkGridNames({ byName }: GridPoints, parameters: readonly DesignParameter[], problems: Problem[]): void {
  const names = parameters.map(({ name }) => name);
  checkNames('--grid-points', [...byName.keys()], names, problems);
  for (const { name, kind } of parameters) {
    if (!byName.has(name) || (kind !== 'choice' && kind !== 'fixed')) continue;
    problems.push({
      path: `--grid-points ${name}`,
      message: kind === 'fixed' ? `${name} is fixed` : `${name} is a choice and takes each of its values`,
    });
  }
}

function gridTable(parameters: readonly DesignParameter[], points: GridPoints): ParameterTable {
  const levels = parameters.map((parameter) => levelsOf(parameter, pointsOf(parameter, points)));
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

function pointsOf({ name }: DesignParameter, { all, byName }: GridPoints): number {
  return byName.get(name) ?? all;
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

/**
 * Values of a parameter for a grid. A float takes values evenly spaced on its scale, or evenly spaced quantiles of its prior, bounds included (a single
 * value is the middle); an int takes at most as many values as it has, each once; a choice takes all of its values.
 */
export function levelsOf(parameter: DesignParameter, points: number): readonly ParamValue[] {
  if (parameter.kind === 'fixed') return [parameter.value];
  if (parameter.kind === 'choice') return parameter.values;
  const { kind, min, max } = parameter;
  const count = levelCountOf(parameter, points);
  if (kind === 'int' && count === max - min + 1) return Array.from({ length: count }, (_, at) => min + at);
  const shares = Float64Array.from({ length: count }, (_, at) => (count === 1 ? 0.5 : at / (count - 1)));
  // An int takes the rounded values of a float, which are evenly spaced too.
  const values = Array.from(scalingOf({ ...parameter, kind: 'float' })(shares)) as number[];
  return kind === 'int' ? [...new Set(values.map(Math.round))] : values;
}
