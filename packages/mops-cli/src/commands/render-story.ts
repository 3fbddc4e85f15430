import { formatDuration, type Style } from '@modelops/cli-kit';
import type { ExplainReport } from '../jobs/explain/explain-report.ts';
import type { TaskRun } from '../jobs/explain/run-task.ts';
import type { TaskStory } from '../jobs/explain/task-story.ts';
import { renderErrorBlock } from './render-error-block.ts';

const WORDS: Readonly<Record<TaskStory['state'], string>> = {
  exists: 'has a result',
  evicted: 'has a result whose outputs were let go',
  failed: 'failed',
  quarantined: 'was set aside: its pack was bad',
  lost: 'had a result that is gone',
  running: 'is being worked on',
  waiting: 'waits for a worker',
  not_run: 'did not run',
  not_in_job: 'is no task of this job',
};

/** Why a task has a result or none, for a person, with what to type next. */
export function renderStory({ job, task, story, run }: ExplainReport, style: Style): string {
  if (story.state === 'not_in_job') return `${story.reason}: it was never part of the job\nnext: mops jobs manifest ${job}`;
  const { task_id, index, params, param_id, seed, path } = task!;
  const values = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  const lines = [
    `${style.color.bold(task_id)}  ${WORDS[story.state]}`,
    `  task     ${index} of ${job}`,
    `  params   ${values.join(' ')}  (${param_id})`,
    `  seed     ${seed}`,
    `  path     ${path}`,
    ...describeStory(story, style),
  ];
  if (run !== null) lines.push(...describeRun(run, story, style));
  const next = nextStep(job, task_id, story, run !== null);
  if (next !== undefined) lines.push(`next: ${next}`);
  return lines.join('\n');
}

function describeStory(story: Exclude<TaskStory, { state: 'not_in_job' }>, style: Style): string[] {
  switch (story.state) {
    case 'exists':
    case 'evicted':
      return story.source === null ? [] : [`  result   ${story.source} by this job`];
    case 'failed':
      return [
        `  failed   ${story.at}, after ${formatDuration(story.duration_ms)}, in ${story.by_job}`,
        ...renderErrorBlock(story.error, style, '    '),
      ];
    case 'quarantined':
      return [`  pack     quarantine/${story.pack}`];
    case 'lost':
      return [
        `  result   ${story.source} by this job; ${story.packs.length > 0 ? `deleted since: ${story.packs.join(', ')}` : 'it was deleted since'}`,
      ];
    case 'running':
      return [
        `  worker   ${story.claim.index} (${story.claim.host}) since ${story.claim.at}, chunk ${story.chunk} of attempt ${story.attempt}`,
      ];
    case 'waiting':
      return [`  chunk    ${story.chunk} of attempt ${story.attempt}, which no worker has taken yet`];
    case 'not_run':
      return [
        story.claim === null
          ? '  no worker came to it'
          : `  worker   ${story.claim.index} (${story.claim.host}) took its chunk at ${story.claim.at} and ended before it was done`,
      ];
  }
}

function describeRun({ status, error, duration_ms, outputs }: TaskRun, story: TaskStory, style: Style): string[] {
  const again = story.state === 'failed' ? 'again ' : '';
  if (error !== null) return [`run here: failed ${again}after ${formatDuration(duration_ms)}`, ...renderErrorBlock(error, style, '    ')];
  const shape = outputs.map(({ name, rows, columns }) => `${name} (${rows} rows of ${columns.join(', ')})`).join('; ');
  return [`run here: ${status} in ${formatDuration(duration_ms)}: ${shape}`];
}

function nextStep(job: string, task: string, story: TaskStory, hasRun: boolean): string | undefined {
  switch (story.state) {
    case 'exists':
    case 'evicted':
      return undefined;
    case 'failed':
      return hasRun
        ? `mend the model, push it, and mops jobs resume ${job} --bundle latest`
        : `mops jobs explain ${job} ${task.slice(0, 12)} --run`;
    case 'running':
    case 'waiting':
      return `mops jobs wait ${job}`;
    case 'lost':
    case 'quarantined':
      return `mops jobs validate ${job} --force, then mops jobs resume ${job}`;
    case 'not_run':
    case 'not_in_job':
      return `mops jobs resume ${job}`;
  }
}
