import { resolve } from 'node:path';
import { defineCommand, formatCount } from '@modelops/cli-kit';
import { ERRORS } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { exportJob } from '../results/export/export-job.ts';
import { LAYOUTS } from '../results/export/exported-results.ts';
import { envOption, jobArgument } from './options.ts';

export const command = defineCommand({
  examples: [
    'mops results export job-5b718dc8 --layout parquet --output out',
    'mops results export job-5b718dc8 --layout tree --output tree',
  ],
  args: z.object({ job: jobArgument }),
  options: z.object({
    layout: z.enum(LAYOUTS).default('parquet').describe('One file per model output (parquet, csv, arrow), or one folder per result (tree)'),
    output: z.string().describe('Folder to create').meta({ short: 'o', placeholder: 'DIR' }),
    force: z.boolean().default(false).describe('Replace an earlier export'),
    env: envOption,
  }),
  schema: 'modelops.results.export/v1',
  document: async () => (await import('../documents/results.ts')).resultsExport,
  run: async ({ job: name, layout, output, force, env }, deps: MopsDeps) => {
    const { stores } = await deps.open(env);
    const job = createJob(await stores.registry.spec(await stores.registry.resolve(name)));
    const progress = await deps.reporter.progress();
    const onProgress = (done: number) => progress.update({ done, total: job.tasks.count, note: 'results' });
    const report = await exportJob({ job, layout, output: resolve(deps.cwd, output), force, signal: deps.signal, onProgress }, stores);
    progress.finish();
    return report;
  },
  human: ({ results, losses, output }) => `${formatCount(results, 'result')}${losses === null ? '' : ' and the losses'} in ${output}`,
  exit: ({ missing, evicted }) => (missing + evicted > 0 ? ERRORS.JOB_PARTIAL.exit : 0),
  notes: ({ job, missing, evicted }) =>
    [
      missing === 0 ? '' : `${formatCount(missing, 'task')} of ${job} without a result; to run them: mops jobs resume ${job}`,
      evicted === 0
        ? ''
        : `${formatCount(evicted, 'result')} without outputs, which store gc deleted; to run them: mops jobs resume ${job}`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
});
