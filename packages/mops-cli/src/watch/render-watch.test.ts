import { paletteOf } from '@modelops/cli-kit';
import { parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import type { JobReport } from '../documents/jobs.ts';
import { renderWatch, watchLine } from './render-watch.ts';
import { isOver, type WatchedJob } from './watch-jobs.ts';

const style = { color: paletteOf(false), columns: 90 };

function watched(report: Partial<JobReport> = {}, more: Partial<WatchedJob> = {}): WatchedJob {
  return {
    report: {
      job: parseJobId('job-1'),
      status: 'running',
      name: null,
      model: 'models/seir.ts:SEIR',
      scenario: 'baseline',
      progress: { done: 1_250, total: 5_000 },
      engine: { phase: 'running', workers: { active: 2, succeeded: 1, failed: 0 }, problems: [] },
      computed: 1_000,
      reused: 0,
      repair: 'none',
      has_manifest: true,
      ...report,
    } as JobReport,
    rate: 250,
    failures: [{ cause: 'RangeError: beta is too large', count: 12 }],
    best: [{ target: 'prevalence', sets: 62, loss: 1_466_321.5, params: { beta: 0.75672 }, series: [8e8, 3e7, 1_466_321.5] }],
    ...more,
  };
}

describe('the live view', () => {
  it('shows tasks, rate, remaining time, workers, failures by cause and the best loss over time', () => {
    expect(renderWatch([watched()], 'the note', 24, style).split('\n')).toEqual([
      'job-1  running  models/seir.ts:SEIR baseline',
      'tasks      [#######.......................] 1,250 / 5,000  25 %  250/s  15.0 s left',
      '           1,000 computed',
      'workers    2 active, 1 ended',
      'failed     12 tasks  RangeError: beta is too large',
      'best       prevalence  1466320  of 62 sets  █▄▁',
      '           at beta 0.7567',
      '',
      'the note',
    ]);
  });

  it('fits the terminal: jobs that do not fit are counted, and lines are truncated', () => {
    const jobs = [1, 2, 3].map(() => watched({}, { failures: [{ cause: 'x'.repeat(500), count: 1 }] }));
    const lines = renderWatch(jobs, 'note', 14, style).split('\n');
    expect(lines.length).toBeLessThanOrEqual(14);
    expect(lines).toContain('and 2 more jobs');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(90);
  });

  it('is one line per job without a terminal', () => {
    expect(watchLine(watched())).toBe('job-1  running  1,250 / 5,000  25 %  250/s  12 failed  best prevalence 1466320');
  });

  it('is over when no process works on a job any more', () => {
    expect(
      [watched(), watched({ status: 'partial' }), watched({ repair: 'validate' }), watched({ has_manifest: false })].map(isOver),
    ).toEqual([false, true, true, true]);
  });
});
