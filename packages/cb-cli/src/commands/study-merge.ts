import { defineCommand, formatCount } from '@modelops/cli-kit';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { mergeStudies } from '../study/merge-studies.ts';
import { readStudy } from '../study/read-study.ts';
import { outputShape, studyPresentation, writeStudy } from '../study/study-output.ts';

export const command = defineCommand({
  examples: ['cb study merge sobol.json posterior.json -o all.json'],
  args: z.object({ files: z.array(z.string()).describe('Studies of the same model and scenario') }),
  options: z.object(outputShape),
  ...studyPresentation,
  run: async ({ files, ...options }, deps: CbDeps) => {
    const studies = await Promise.all(files.map(async (file) => ({ file, study: (await readStudy(file, deps)).study })));
    const { study, repeated } = mergeStudies(studies);
    const note = `${formatCount(study.parameter_sets.length, 'parameter set')}${repeated === 0 ? '' : `, ${repeated} repeated and listed once`}`;
    return writeStudy(study, note, options, deps);
  },
});
