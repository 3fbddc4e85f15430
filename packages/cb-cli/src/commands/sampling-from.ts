import { resolve } from 'node:path';
import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { fromTable } from '../designs/from.ts';
import { samplingArgs, samplingShape } from '../sampling/options.ts';
import { samplingPresentation } from '../sampling/present-sampling.ts';
import { runSampling } from '../sampling/run-sampling.ts';
import { chosenDesign } from '../sampling/sampling-command.ts';
import { readTable } from '../tables/read-table.ts';

export const command = defineCommand({
  examples: [
    'cb sampling from posterior.parquet seir --n-replicates 10 > study.json',
    "cb sampling from points.csv --where 'beta > gamma' -o study.json",
  ],
  args: z
    .object({ file: z.string().describe('CSV with a header, Parquet, or JSON (an array of objects), with one row per parameter set') })
    .extend(samplingArgs.shape),
  options: z.object(samplingShape),
  ...samplingPresentation,
  run: async ({ file, ...options }, deps: CbDeps) => {
    const table = await readTable(resolve(deps.project.cwd, file));
    return runSampling(options, chosenDesign(fromTable(table, file), {}), deps);
  },
});
