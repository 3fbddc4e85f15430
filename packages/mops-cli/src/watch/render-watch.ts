import { barOf, formatCount, formatDuration, formatRate, percentOf, type Style } from '@modelops/cli-kit';
import { isTerminal } from '@modelops/contracts';
import { paintStatus } from '../commands/render-job.ts';
import type { BestLoss } from './best-losses.ts';
import { sparkline } from './sparkline.ts';
import type { WatchedJob } from './watch-jobs.ts';

/** Maximum number of causes of failure shown for a job. */
const CAUSES = 3;
const LABEL = 10;

/** The whole view: one block per job, at most `rows` lines; jobs that do not fit are counted. */
export function renderWatch(jobs: readonly WatchedJob[], note: string, rows: number, style: Style): string {
  const blocks = jobs.map((job) => jobBlock(job, style));
  const shown: string[] = [];
  let fitting = 0;
  for (const block of blocks) {
    if (fitting > 0 && shown.length + block.length + 3 > rows) break;
    shown.push(...(fitting > 0 ? [''] : []), ...block);
    fitting += 1;
  }
  const hidden = jobs.length - fitting;
  return [...shown, ...(hidden > 0 ? ['', style.color.dim(`and ${formatCount(hidden, 'more job')}`)] : []), '', style.color.dim(note)].join(
    '\n',
  );
}

function jobBlock({ report, rate, failures, best }: WatchedJob, style: Style): string[] {
  const { color, columns } = style;
  const { job, name, status, model, scenario, progress, engine, reused, computed } = report;
  const { done, total } = progress;
  const share = total === 0 ? 1 : done / total;
  const pace =
    isTerminal(status) || rate === undefined
      ? ''
      : `  ${formatRate(rate)}/s${done < total ? `  ${formatDuration((1000 * (total - done)) / rate)} left` : ''}`;
  const line = (label: string, text: string) => `${color.dim(label.padEnd(LABEL))} ${cut(text, columns - LABEL - 1)}`;
  return [
    `${color.bold(job)}${name === null ? '' : ` (${name})`}  ${paintStatus(status, style)}  ${color.dim(`${model} ${scenario}`)}`,
    line(
      'tasks',
      `${barOf(share, Math.max(10, Math.min(40, columns - 60)))} ${formatCount(done)} / ${formatCount(total)}  ${percentOf(done, total)}${pace}`,
    ),
    ...(computed + reused > 0 ? [line('', `${formatCount(computed)} computed${reused > 0 ? `, ${formatCount(reused)} reused` : ''}`)] : []),
    ...(engine === null ? [] : [line('workers', workersOf(engine))]),
    ...(engine?.problems ?? []).map(({ reason, message }) => line('', `${reason}: ${message}`)),
    ...(report.repair === 'none' ? [] : [line('stopped', `no process works on it: mops jobs sync ${job}`)]),
    ...failures
      .slice(0, CAUSES)
      .map(
        ({ cause, count }, k) =>
          `${color.dim((k === 0 ? 'failed' : '').padEnd(LABEL))} ${color.red(formatCount(count, 'task'))}  ${cut(cause, columns - LABEL - 16)}`,
      ),
    ...(failures.length > CAUSES ? [line('', `and ${formatCount(failures.length - CAUSES, 'more cause')}`)] : []),
    ...best.flatMap((one) => bestLines(one, line, columns)),
  ];
}

function workersOf(engine: NonNullable<WatchedJob['report']['engine']>): string {
  if (engine.phase === 'unknown') return engine.runs_on === undefined ? 'unknown' : `on ${engine.runs_on}`;
  const { active, succeeded, failed } = engine.workers;
  return `${active} active, ${succeeded} ended${failed > 0 ? `, ${failed} failed` : ''}`;
}

function bestLines(
  { target, sets, loss, params, series }: BestLoss,
  line: (label: string, text: string) => string,
  columns: number,
): string[] {
  if (loss === null) return [line('best', `${target}: no loss yet`)];
  const at = Object.entries(params ?? {}).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`,
  );
  return [
    line(
      'best',
      `${target}  ${Number(loss.toPrecision(6))}  of ${formatCount(sets, 'set')}  ${sparkline(series, Math.max(8, Math.min(40, columns - 60)))}`,
    ),
    line('', `at ${at.join(', ')}`),
  ];
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(1, width - 1))}…` : text;
}

/** A job as one line, for logs. */
export function watchLine({ report, rate, failures, best }: WatchedJob): string {
  const { job, status, progress } = report;
  const failed = failures.reduce((sum, { count }) => sum + count, 0);
  return [
    job,
    status,
    `${formatCount(progress.done)} / ${formatCount(progress.total)}`,
    percentOf(progress.done, progress.total),
    ...(rate === undefined ? [] : [`${formatRate(rate)}/s`]),
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
    ...best.flatMap(({ target, loss }) => (loss === null ? [] : [`best ${target} ${Number(loss.toPrecision(6))}`])),
  ].join('  ');
}
