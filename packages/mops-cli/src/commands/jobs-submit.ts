import { defineCommand, formatCount } from '@modelops/cli-kit';
import { type JobState, parseJobId } from '@modelops/contracts';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { locationOf } from '../jobs/describe-job.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { preflight } from '../jobs/preflight.ts';
import { readStudy } from '../jobs/read-study.ts';
import { resolveBundle } from '../jobs/resolve-bundle.ts';
import { type SubmitReport, submitJob } from '../jobs/submit-job.ts';
import { envOption, timeoutOption } from './options.ts';
import { watchJob } from './watch-job.ts';

export interface SubmitData extends SubmitReport {
  readonly waited: boolean;
  readonly results: string | null;
  readonly verified: number;
  readonly missing: number;
}

export const jobsSubmit = defineCommand({
  name: 'jobs submit',
  summary: 'Bind a study to a bundle and run the tasks that have no result yet',
  examples: ['mops jobs submit study.json --auto --wait', 'cb sampling sobol models/seir.ts:SEIR | mops jobs submit -'],
  args: z.object({ study: z.string().describe('Study file, JSON or YAML; - reads stdin') }),
  options: z.object({
    bundle: z.string().optional().describe('sha256:…, repo@sha256:…, a tag, or local:PATH').meta({ placeholder: 'REF' }),
    auto: z.boolean().default(false).describe('Push the working tree where it changed, and use that (the default)'),
    wait: z.boolean().default(false).describe('Wait until the job is done; the exit status says how'),
    timeout: timeoutOption,
    workers: z.int().min(1).optional().describe('Number of workers'),
    name: z.string().optional().describe('A name for people'),
    label: z.record(z.string(), z.string()).default({}).describe('Label, for filters'),
    maxAttempts: z.int().min(1).default(2).describe('Tries of a task whose host crashed or timed out'),
    taskTimeout: z.number().positive().default(3600).describe('Limit of one task, seconds'),
    minReplicates: z.int().min(1).optional().describe('Replicates that a loss needs; default: all'),
    schema: z.enum(['token', 'bundle']).default('token').describe('Share results by model digest, or by bundle digest'),
    env: envOption,
  }),
  schema: 'modelops.jobs.submit/v1',
  run: async (input, deps: MopsDeps): Promise<SubmitData> => {
    const { study, warnings } = await readStudy(input.study, deps);
    for (const warning of warnings) deps.talk.warn(warning);
    const opened = await deps.open(input.env);
    const bundle = await resolveBundle(input.bundle, study.targets, opened, deps);
    const resolved = preflight(study, bundle.manifest, input.study);
    const report = await submitJob(
      {
        study,
        resolved,
        bundle,
        workers: input.workers,
        name: input.name ?? null,
        labels: input.label,
        schema: input.schema,
        config: null,
        timeout_s: input.taskTimeout,
        max_attempts: input.maxAttempts,
        min_replicates: input.minReplicates ?? null,
      },
      opened,
    );
    deps.talk.note(
      `${report.job}: ${formatCount(report.tasks.total, 'task')}, ${formatCount(report.tasks.new)} new, ${formatCount(report.tasks.reused)} reused`,
    );
    const job = parseJobId(report.job);
    const state: JobState = input.wait ? await watchJob(job, input.timeout, opened, deps) : await opened.stores.registry.state(job);
    const isDone = state.validation_completed_at !== null;
    return {
      ...report,
      status: state.status,
      waited: input.wait,
      verified: state.tasks_verified,
      missing: state.missing_outputs.count,
      results: isDone ? locationOf(opened.environment.storage, `results/${job}/`) : null,
    };
  },
  human: ({ job, status, waited, results, tasks, missing }, { color }) => {
    if (!waited) return `${job}\n${status}; mops jobs wait ${job} waits for it`;
    const lines = [
      `${job} ${status === 'succeeded' ? color.green(status) : color.red(status)}: ${formatCount(tasks.total - Math.min(missing, tasks.total))} of ${formatCount(tasks.total, 'task')}`,
    ];
    if (results !== null) lines.push(`results: ${results}`);
    lines.push(status === 'succeeded' ? `next: mops results best ${job}` : `next: mops jobs status ${job}`);
    return lines.join('\n');
  },
  exit: ({ waited, status }) => (waited ? exitOfStatus(status) : 0),
});
