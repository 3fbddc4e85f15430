import { defineCommand, formatCount, type Style } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';
import type { FailureRegion, FailuresReport, TargetFailures, TaskFailures } from '../documents/jobs.ts';
import { describeFailures } from '../jobs/describe-failures.ts';
import { describeRegion } from '../jobs/failure-region.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput } from './options.ts';
import { renderErrorBlock } from './render-error-block.ts';
import { paintStatus } from './render-job.ts';

export const command = defineCommand({
  examples: ['mops jobs failures job-5b718dc8', 'mops jobs failures --status partial --since 1d --json'],
  ...jobsInput({}),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env);
    return eachJob(await selectJobs(input, opened.stores), (id) => describeFailures(id, opened));
  },
  ...presentEach<FailuresReport>({
    schema: 'modelops.jobs.failures/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsFailures,
    human: renderFailures,
  }),
});

function renderFailures({ job, status, tasks, missing, failed, causes, targets, stopped_by }: FailuresReport, style: Style): string {
  const lines = [
    `${style.color.bold(job)} ${paintStatus(status, style)}: ${formatCount(failed)} of ${formatCount(tasks, 'task')} failed, ${formatCount(missing - failed)} did not run`,
    ...causes.flatMap((cause) => renderCause(cause, style)),
    ...targets.map(renderTarget),
    ...stopped_by.map(({ reason, message }) => `${style.color.yellow(reason)}: ${message}`),
  ];
  if (missing > failed) lines.push(`next: mops jobs manifest ${job} --missing`);
  return lines.join('\n');
}

function renderCause({ count, kind, type, message, frame, sample, reproduce, region }: TaskFailures, style: Style): string[] {
  const { params, seed, traceback, stderr_tail } = sample;
  const error = { kind, type, message, ...(traceback === null ? {} : { traceback }), ...(stderr_tail === null ? {} : { stderr_tail }) };
  const [first, ...rest] = renderErrorBlock(error, style, '  ');
  return [
    `${formatCount(count, 'task')}: ${first!.trimStart()}${frame === null ? '' : ` at ${frame}`}`,
    ...rest,
    ...(region === null ? [] : [`  where ${describeRegion(region)}: ${regionCounts(region)}`]),
    `  e.g.  ${JSON.stringify(params)} seed ${seed}, task ${sample.task_id}`,
    `  run it here: ${reproduce}`,
  ];
}

function regionCounts({ failed, succeeded, purity, coverage }: FailureRegion): string {
  const inside = `${formatCount(failed)} of ${formatCount(failed + succeeded, 'task')} there failed of it (purity ${percent(purity)})`;
  return `${inside}, ${percent(coverage)} of all such failures`;
}

const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`;

function renderTarget({ target, reason, count, sample }: TargetFailures): string {
  return `${formatCount(count, 'parameter set')} without a loss for ${target}: ${reason}\n  e.g.  ${JSON.stringify(sample.params)}`;
}
