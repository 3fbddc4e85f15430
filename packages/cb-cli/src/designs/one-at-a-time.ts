import type { ParamValue } from '@modelops/contracts';
import * as z from 'zod';
import { type DesignParameter, isVarying } from '../space/parameter-space.ts';
import { scalingOf } from '../space/scaling.ts';
import { type Design, no, YES, yes } from './design.ts';
import { levelsOf } from './grid.ts';
import { heldTable, type ParameterTable } from './parameter-table.ts';
import { checkVaries, checkWhole } from './settings.ts';

type Options = { readonly levels: number };
type Settings = { readonly levels: number };

/** The base set of defaults (the middle of a range without a default), and then each parameter at its levels, the others at the base. */
export const oneAtATime: Design<Options, Settings> = {
  method: 'one-at-a-time',
  supports: {
    mixed: YES,
    constraint: yes('rejected sets are left out'),
    extend: no('other levels give other points: merge two studies'),
    priors: yes('levels are quantiles'),
  },
  examples: ['cb sampling one-at-a-time --levels 5 > study.json'],
  options: { levels: z.number().default(5).describe('Levels of each parameter, bounds included; a choice takes all of its values') },
  readSettings: ({ levels }, problems) => {
    checkWhole('--levels', levels, 2, 10_000, problems);
    return { levels };
  },
  check: (_settings, parameters, problems) => checkVaries(parameters, problems),
  points: ({ levels }, parameters) => ({ points: oneAtATimeTable(parameters, levels) }),
  title: ({ levels }) => `One-at-a-time design of ${levels} levels`,
};

function oneAtATimeTable(parameters: readonly DesignParameter[], count: number): ParameterTable {
  const base = parameters.map(baseValue);
  const rows = [
    base,
    ...parameters.flatMap((parameter, at) => (isVarying(parameter) ? levelsOf(parameter, count).map((value) => base.with(at, value)) : [])),
  ];
  return heldTable(
    parameters,
    rows.length,
    parameters.map((_, at) => rows.map((row) => row[at]!)),
  );
}

/** A parameter's default; without one, the middle of its range or prior, or its first value. */
export function baseValue(parameter: DesignParameter): ParamValue {
  if (parameter.kind === 'fixed') return parameter.value;
  if (parameter.default !== undefined) return parameter.default;
  return parameter.kind === 'choice' ? parameter.values[0]! : scalingOf(parameter)(Float64Array.of(0.5))[0]!;
}
