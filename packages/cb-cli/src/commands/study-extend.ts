import { defineCommand, formatCount } from '@modelops/cli-kit';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { extendStudy } from '../study/extend-study.ts';
import { readStudy } from '../study/read-study.ts';
import { outputShape, studyPresentation, writeStudy } from '../study/study-output.ts';

export const command = defineCommand({
  examples: [
    'cb study extend study.json --n-samples 512 > more.json',
    'cb study extend study.json --n-replicates 200 -o study.json --force',
  ],
  args: z.object({ file: z.string().describe('A study') }),
  options: z.object({
    nSamples: z
      .number()
      .optional()
      .describe('Samples of the larger design; existing points are kept')
      .meta({ aliases: ['n'] }),
    nReplicates: z
      .number()
      .optional()
      .describe('Replicates of each set; existing ones keep their seeds')
      .meta({ aliases: ['reps'] }),
    ...outputShape,
  }),
  ...studyPresentation,
  run: async ({ file, nSamples, nReplicates, ...options }, deps: CbDeps) => {
    if (nSamples === undefined && nReplicates === undefined)
      throw new ModelOpsError('USAGE', 'nothing to extend', { hint: 'cb study extend FILE --n-samples N or --n-replicates R' });
    const { study } = await readStudy(file, deps);
    const longer = await extendStudy(study, file, { nSamples, nReplicates }, (table) => deps.models.allows(study.model, table));
    const added = longer.parameter_sets.length - study.parameter_sets.length;
    const note = `${formatCount(added, 'parameter set')} added, ${formatCount(longer.parameter_sets.length, 'set')} × ${formatCount(longer.n_replicates, 'replicate')}`;
    return writeStudy(longer, note, options, deps);
  },
});
