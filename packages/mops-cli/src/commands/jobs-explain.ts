import { defineCommand } from '@modelops/cli-kit';
import { ERRORS } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { ExplainReport } from '../documents/runs.ts';
import { describeTask } from '../jobs/describe-task.ts';
import { explainTask } from '../jobs/explain/explain-task.ts';
import { findTask } from '../jobs/explain/find-task.ts';
import { diagnoseJob } from '../jobs/settle-job.ts';
import { exitOfRun, reproduceTask } from '../repro/reproduce-task.ts';
import { envOption, jobArgument } from './options.ts';
import { renderExplanation } from './render-explanation.ts';
import { splitLines } from './split-lines.ts';

export const command = defineCommand({
  examples: ['mops jobs explain job-5b718dc8 3f9a1c', 'mops jobs explain job-5b718dc8 0d1e2f3a/1234567 --run'],
  args: z.object({
    job: jobArgument,
    task: z.string().describe('Task id or PARAM_ID/SEED, or an unambiguous prefix; mops jobs manifest JOB lists both'),
  }),
  options: z.object({
    run: z
      .boolean()
      .default(false)
      .describe('Run the task on this machine from the job’s bundle and compare it with the stored result; store nothing'),
    env: envOption,
  }),
  schema: 'modelops.jobs.explain/v1',
  document: async () => (await import('../documents/runs.ts')).jobsExplain,
  statuses: [ERRORS.NOT_REPRODUCIBLE.exit, ERRORS.JOB_FAILED.exit],
  run: async ({ job: name, task, run, env }, deps: MopsDeps): Promise<ExplainReport> => {
    const opened = await deps.open(env);
    const { registry } = opened.stores;
    const id = await registry.resolve(name);
    const job = createJob(await registry.spec(id));
    const found = findTask(job, task);
    if ('reason' in found) return { job: id, task: null, explanation: { state: 'not_in_job', reason: found.reason }, run: null };
    const diagnosis = await diagnoseJob(await registry.state(id), opened);
    const explanation = await explainTask(job, found, diagnosis, opened.stores);
    const modelOutput = splitLines((line) => deps.reporter.note(`[model] ${line}`));
    const ran = run ? (await reproduceTask({ job, ...found }, opened, deps, { onOutput: modelOutput.write })).run : null;
    modelOutput.end();
    return {
      job: id,
      task: describeTask(job, found.index),
      explanation,
      run: ran,
    };
  },
  human: renderExplanation,
  exit: ({ explanation, run }) => {
    if (explanation.state === 'not_in_job') return ERRORS.RESULT_NOT_FOUND.exit;
    return run === null ? 0 : exitOfRun(run);
  },
});
