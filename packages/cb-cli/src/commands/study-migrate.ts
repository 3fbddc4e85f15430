import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { readStudy } from '../study/read-study.ts';
import { outputShape, studyPresentation, writeStudy } from '../study/study-output.ts';

export const command = defineCommand({
  examples: ['cb study migrate old-job.json -o study.json'],
  args: z.object({ file: z.string().describe('Study or job of an older version: parameter sets in {"params": …}, or batches of tasks') }),
  options: z.object(outputShape),
  ...studyPresentation,
  run: async ({ file, ...options }, deps: CbDeps) => {
    const { study, warnings, bound } = await readStudy(file, { ...deps, reporter: { ...deps.reporter, warn: () => undefined } });
    const was = bound?.bundleRef === undefined ? '' : `; it was bound to bundle ${bound.bundleRef}`;
    return writeStudy(
      study,
      `${warnings.length === 0 ? 'the study already has the current form' : `rewritten: ${warnings.join('; ')}`}${was}`,
      options,
      deps,
    );
  },
});
