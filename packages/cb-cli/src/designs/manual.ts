import { isVarying } from '../space/parameter-space.ts';
import { type Design, no, YES, yes } from './design.ts';
import { baseValue } from './one-at-a-time.ts';
import { heldTable } from './parameter-table.ts';

/** One set of values from the command line; omitted parameters take their defaults. */
export const manual: Design = {
  method: 'manual',
  supports: {
    mixed: YES,
    constraint: yes('a rejected set is an error'),
    extend: no('there is no further set: merge two studies'),
    priors: no('values are given'),
  },
  examples: ['cb sampling manual beta=0.4 gamma=0.2 --model seir --n-replicates 100 > study.json'],
  options: {},
  readSettings: () => ({}),
  check: (_settings, parameters, problems) => {
    for (const parameter of parameters) {
      if (!isVarying(parameter) || parameter.default !== undefined) continue;
      problems.push({ path: parameter.name, message: `has no value and no default: add ${parameter.name}=VALUE` });
    }
  },
  points: (_settings, parameters) => ({
    points: heldTable(
      parameters,
      1,
      parameters.map((parameter) => [baseValue(parameter)]),
    ),
  }),
  title: () => 'One parameter set',
};
