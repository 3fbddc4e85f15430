import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { type GridPoints, gridDesign, gridSize, MAX_GRID_SIZE, parseGridPoints } from '../designs/grid-design.ts';
import { samplingArgs, samplingShape } from '../sampling/options.ts';
import type { DesignMethod } from '../sampling/plan-sampling.ts';
import { humanSampling, jsonSampling, SAMPLING_SCHEMA, samplingNotes } from '../sampling/present-sampling.ts';
import { runSampling } from '../sampling/run-sampling.ts';

export const samplingGrid = defineCommand({
  examples: [
    'cb sampling grid models/seir.ts:StochasticSEIR --grid-points 10 > study.json',
    'cb sampling grid models/seir.ts:StochasticSEIR --grid-points 3,beta=20 --fix gamma=0.2 -o study.json',
  ],
  args: samplingArgs,
  options: z.object({
    gridPoints: z
      .array(z.string())
      .default(['5'])
      .describe('Values of every parameter, or name=N of one; a choice takes all of its values')
      .meta({ placeholder: 'N' }),
    ...samplingShape,
  }),
  schema: SAMPLING_SCHEMA,
  run: (options, deps: CbDeps) => runSampling(options, gridMethod(options.gridPoints), deps),
  human: humanSampling,
  notes: samplingNotes,
  json: jsonSampling,
});

function gridMethod(words: readonly string[]): DesignMethod {
  const pointsOf = (parameters: Parameters<DesignMethod['design']>[0]): GridPoints => parseGridPoints(words, parameters, []);
  return {
    method: 'grid',
    settings: { grid_points: words },
    check: (parameters, problems) => {
      const before = problems.length;
      const points = parseGridPoints(words, parameters, problems);
      if (parameters === undefined || problems.length > before) return;
      const size = gridSize(parameters, points);
      if (size > MAX_GRID_SIZE) {
        problems.push({
          path: '--grid-points',
          message: `the grid would have ${size.toLocaleString('en-US')} sets, more than 2^30; take fewer points`,
        });
      }
    },
    design: (parameters) => gridDesign(parameters, pointsOf(parameters)),
  };
}
