import { formatDuration, type Style } from '@modelops/cli-kit';
import type { ExplainReport, TaskExplanation, TaskRun } from '../documents/runs.ts';
import { isReproduced } from '../repro/compare-outcomes.ts';
import { renderErrorBlock } from './render-error-block.ts';
import { inlineParams } from './render-losses.ts';
import { describeRun } from './render-run.ts';

const WORDS: Readonly<Record<TaskExplanation['state'], string>> = {
  exists: 'has a result',
  evicted: 'has a result; its outputs were deleted by store gc',
  failed: 'failed',
  quarantined: 'has no result: its pack was damaged and is quarantined',
  damaged: 'has no result: its pack is damaged',
  lost: 'had a result that was deleted',
  running: 'is running',
  waiting: 'is waiting for a worker',
  not_run: 'did not run',
  not_in_job: 'is not a task of this job',
};

/** Why a task has a result or not, for display, with the next command. */
export function renderExplanation({ job, task, explanation, run }: ExplainReport, style: Style): string {
  if (explanation.state === 'not_in_job') return `${explanation.reason}\nnext: mops jobs manifest ${job}`;
  const { task_id, index, params, param_id, seed, path } = task!;
  const lines = [
    `${style.color.bold(task_id)}  ${WORDS[explanation.state]}`,
    `  task     ${index} of ${job}`,
    `  params   ${inlineParams(params)}  (${param_id})`,
    `  seed     ${seed}`,
    `  path     ${path}`,
    ...describeExplanation(explanation, style),
  ];
  if (run !== null) lines.push(...describeRun(run, style));
  const next = nextStep(job, task_id, explanation, run);
  if (next !== undefined) lines.push(`next: ${next}`);
  return lines.join('\n');
}

function describeExplanation(explanation: Exclude<TaskExplanation, { state: 'not_in_job' }>, style: Style): string[] {
  switch (explanation.state) {
    case 'exists':
    case 'evicted':
      return explanation.source === null ? [] : [`  result   ${explanation.source} by this job`];
    case 'failed':
      return [
        `  failed   ${explanation.at}, after ${formatDuration(explanation.duration_ms)}, in ${explanation.by_job}`,
        ...renderErrorBlock(explanation.error, style, '    '),
      ];
    case 'quarantined':
      return [`  pack     quarantine/${explanation.pack}`];
    case 'damaged':
      return [`  pack     ${explanation.pack}`];
    case 'lost':
      return [
        `  result   ${explanation.source} by this job; ${explanation.packs.length > 0 ? `deleted since: ${explanation.packs.join(', ')}` : 'it was deleted since'}`,
      ];
    case 'running':
      return [
        `  worker   ${explanation.claim.index} (${explanation.claim.host}) since ${explanation.claim.at}, chunk ${explanation.chunk} of attempt ${explanation.attempt}`,
      ];
    case 'waiting':
      return [`  chunk    ${explanation.chunk} of attempt ${explanation.attempt}, which no worker has claimed yet`];
    case 'not_run':
      return [
        explanation.claim === null
          ? '  no worker claimed it'
          : `  worker   ${explanation.claim.index} (${explanation.claim.host}) claimed its chunk at ${explanation.claim.at} and ended before finishing it`,
      ];
  }
}

function nextStep(job: string, task: string, explanation: TaskExplanation, run: TaskRun | null): string | undefined {
  switch (explanation.state) {
    case 'exists':
    case 'evicted':
      return run === null || isReproduced(run.comparison) ? undefined : `mops audit ${job}`;
    case 'failed':
      return run !== null ? `fix the model, push it, then mops jobs resume ${job} --bundle latest` : `mops repro ${task.slice(0, 12)}`;
    case 'running':
    case 'waiting':
      return `mops jobs wait ${job}`;
    case 'lost':
    case 'damaged':
    case 'quarantined':
      return `mops jobs validate ${job} --force, then mops jobs resume ${job}`;
    case 'not_run':
    case 'not_in_job':
      return `mops jobs resume ${job}`;
  }
}
