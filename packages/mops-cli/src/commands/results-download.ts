import { resolve } from 'node:path';
import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import { ERRORS } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { downloadJob } from '../results/download-job.ts';
import { envOption, jobArgument } from './options.ts';

export const command = defineCommand({
  examples: ['mops results download job-5b718dc8 --output job --env cluster'],
  args: z.object({ job: jobArgument }),
  options: z.object({
    output: z.string().describe('Folder; an earlier download is continued').meta({ short: 'o', placeholder: 'DIR' }),
    env: envOption,
  }),
  schema: 'modelops.results.download/v1',
  document: async () => (await import('../documents/results.ts')).resultsDownload,
  run: async ({ job: name, output, env }, deps: MopsDeps) => {
    const { stores } = await deps.open(env);
    const job = await stores.registry.resolve(name);
    const progress = await deps.reporter.progress();
    const onProgress = (done: number, total: number) => progress.update({ done, total, note: 'bytes' });
    const report = await downloadJob({ job, dir: resolve(deps.cwd, output), signal: deps.signal, onProgress }, stores);
    progress.finish();
    return report;
  },
  human: ({ files, bytes, kept, output }) =>
    `${formatCount(files, 'file')}, ${formatBytes(bytes)}, in ${output}${kept === 0 ? '' : `; ${formatCount(kept)} of them from an earlier download`}`,
  exit: ({ missing }) => (missing > 0 ? ERRORS.JOB_PARTIAL.exit : 0),
  notes: ({ job, missing }) =>
    missing === 0 ? '' : `${formatCount(missing, 'task')} of ${job} without a result; to run them: mops jobs resume ${job}`,
});
