import { defineCommand, formatCount, type Look } from '@modelops/cli-kit';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { describeJob, type JobReport } from '../jobs/describe-job.ts';
import { envOption, jobArgument } from './options.ts';

export const jobsStatus = defineCommand({
  name: 'jobs status',
  summary: 'Show a job: state, progress, what its workers say, failures by cause',
  examples: ['mops jobs status job-5b718dc8'],
  args: z.object({ job: jobArgument }),
  options: z.object({ env: envOption }),
  schema: 'modelops.jobs.status/v1',
  run: async ({ job, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    return describeJob(await opened.stores.registry.resolve(job), opened);
  },
  human: renderJob,
});

function renderJob(report: JobReport, { color }: Look): string {
  const { job, status, name, model, scenario, bundle_ref, progress, missing, engine, failures, results, computed, reused, error } = report;
  const lines = [
    `${job}${name === null ? '' : ` (${name})`}  ${status === 'succeeded' ? color.green(status) : status}`,
    `  model    ${model}, scenario ${scenario}`,
    `  bundle   ${bundle_ref}`,
    `  tasks    ${formatCount(progress.done)} of ${formatCount(progress.total)} done (${formatCount(computed)} computed, ${formatCount(reused)} reused)`,
  ];
  if (engine !== null)
    lines.push(`  workers  ${engine.workers.active} active, ${engine.workers.succeeded} ended, ${engine.workers.failed} failed`);
  for (const { reason, message } of engine?.problems ?? []) lines.push(`  ${color.yellow(reason)}: ${message}`);
  if (missing.count > 0) lines.push(`  missing  ${formatCount(missing.count, 'output')}, e.g. ${missing.first[0]}`);
  for (const { count, type, message, sample } of failures) {
    lines.push(
      `  failed   ${formatCount(count, 'task')}: ${type}: ${message}`,
      `           e.g. ${JSON.stringify(sample.params)} seed ${sample.seed}`,
    );
  }
  if (error !== null) lines.push(`  error    ${error}`);
  if (results !== null) lines.push(`  results  ${results}`);
  if (status === 'partial' || status === 'failed' || status === 'cancelled') lines.push(`next: mops jobs resume ${job}`);
  if (status === 'succeeded') lines.push(`next: mops results best ${job}`);
  return lines.join('\n');
}
