import { defineCommand, type Style } from '@modelops/cli-kit';
import { ERRORS } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { ReproReport } from '../documents/runs.ts';
import { locateTask } from '../repro/locate-task.ts';
import { exitOfRun, reproduceTask } from '../repro/reproduce-task.ts';
import { envOption, resultArgument } from './options.ts';
import { inlineParams } from './render-losses.ts';
import { describeRun } from './render-run.ts';
import { splitLines } from './split-lines.ts';

export const command = defineCommand({
  examples: [
    'mops repro 3f9a1c2b4d5e',
    'mops repro sims/0f1e2d3c4b5a/3f/params_3f9a1c2b/seed_7 --keep',
    'mops repro 3f9a1c2b4d5e --debugger',
    'mops repro 0d1e2f3a/1234567 --job job-5b718dc8',
  ],
  args: z.object({ task: resultArgument }),
  options: z.object({
    job: z
      .string()
      .optional()
      .describe('Job of the task; needed for a task that has neither a result nor a failure')
      .meta({ placeholder: 'JOB' }),
    debugger: z
      .boolean()
      .default(false)
      .describe('Stop at the first line of the model: pdb for Python, the Node inspector on 127.0.0.1 for TypeScript'),
    keep: z
      .boolean()
      .default(false)
      .describe('Keep a folder with the task, its log, both results as CSV, and the scratch folder of a command'),
    env: envOption,
  }),
  schema: 'modelops.repro/v1',
  document: async () => (await import('../documents/runs.ts')).repro,
  statuses: [ERRORS.NOT_REPRODUCIBLE.exit, ERRORS.JOB_FAILED.exit],
  run: async ({ task, job, debugger: isDebugged, keep, env }, deps: MopsDeps): Promise<ReproReport> => {
    const opened = await deps.open(env);
    const located = await locateTask(task, job, opened.stores);
    deps.reporter.note(`running task ${located.id.slice(0, 12)} of ${located.job.id} from ${located.job.spec.binding.bundle_ref}`);
    const modelOutput = splitLines((line) => deps.reporter.note(line));
    const report = await reproduceTask(located, opened, deps, { debugger: isDebugged, keep, onOutput: modelOutput.write });
    modelOutput.end();
    return report;
  },
  human: renderRepro,
  exit: ({ run }) => exitOfRun(run),
});

function renderRepro({ job, task, bundle_ref, entrypoint, stored, run, kept }: ReproReport, style: Style): string {
  const lines = [
    style.color.bold(task.task_id),
    `  task     ${task.index} of ${job}`,
    `  model    ${entrypoint}`,
    `  bundle   ${bundle_ref}`,
    `  params   ${inlineParams(task.params)}  (${task.param_id})`,
    `  seed     ${task.seed}`,
    `  path     ${task.path}`,
  ];
  if (stored !== null) {
    const by = stored.by_job === '' ? 'an import' : stored.by_job;
    const worker = stored.worker === null ? '' : `, worker ${stored.worker}`;
    lines.push(`  stored   ${stored.status} at ${stored.at} by ${by}${worker}`);
  }
  lines.push(...describeRun(run, style));
  if (kept !== null) lines.push(`kept in ${kept.folder}: ${kept.files.join(', ')}`);
  return lines.join('\n');
}
