import { formatCount, type Style } from '@modelops/cli-kit';
import type { JobStatus } from '@modelops/contracts';
import type { JobReport } from '../documents/jobs.ts';

/** Why validation is skipped. */
export const NO_MANIFEST = 'it has no manifest, since an older version created it';

/** A job for display: its inputs, progress and problems, and the next command. */
export function renderJob(report: JobReport, style: Style): string {
  const { job, name, progress, missing, engine } = report;
  const { color } = style;
  const lines = [
    `${color.bold(job)}${name === null ? '' : ` (${name})`}  ${paintStatus(report.status, style)}`,
    `  model    ${report.model}, scenario ${report.scenario}`,
    `  bundle   ${report.bundle_ref}`,
    `  tasks    ${formatCount(progress.done)} of ${formatCount(progress.total)} done${progress.failed === 0 ? '' : `, ${formatCount(progress.failed)} failed`} (${formatCount(report.computed)} computed, ${formatCount(report.reused)} reused)`,
  ];
  if (engine?.phase === 'unknown') lines.push(`  workers  unknown${engine.runs_on === undefined ? '' : `: they run on ${engine.runs_on}`}`);
  else if (engine !== null)
    lines.push(`  workers  ${engine.workers.active} active, ${engine.workers.succeeded} ended, ${engine.workers.failed} failed`);
  lines.push(...describeRepair(report));
  for (const { reason, message } of [...(engine?.problems ?? []), ...report.stopped_by])
    lines.push(`  ${color.yellow(reason)}: ${message}`);
  if (!report.has_manifest) lines.push(`  outputs  not validated: ${NO_MANIFEST}`);
  if (missing.count > 0) lines.push(`  missing  ${formatCount(missing.count, 'output')}, e.g. ${missing.first[0]}`);
  for (const { count, type, message, sample } of report.failures) {
    lines.push(
      `  failed   ${formatCount(count, 'task')}: ${type}: ${message}`,
      `           e.g. ${JSON.stringify(sample.params)} seed ${sample.seed}`,
    );
  }
  if (report.error !== null) lines.push(`  error    ${report.error}`);
  if (report.results !== null) lines.push(`  results  ${report.results}`);
  lines.push(...nextSteps(report));
  return lines.join('\n');
}

/** What has stopped and needs a repair. */
function describeRepair({ repair, elsewhere, updated_at, status }: JobReport): string[] {
  const isSubmission = status === 'pending' || status === 'submitting';
  switch (repair) {
    case 'abandon':
      return [`  stopped  its submission stopped before any worker started; last update at ${updated_at}`];
    case 'adopt':
      return ['  stopped  its submission stopped after the workers had started; they are running'];
    case 'validate':
      return ['  stopped  its workers have ended, and the job was not validated'];
    case 'none':
      return isSubmission && elsewhere !== null ? [`  submit   on ${elsewhere}; last update at ${updated_at}`] : [];
  }
}

export function paintStatus(status: JobStatus, { color }: Style): string {
  if (status === 'succeeded') return color.green(status);
  if (status === 'failed') return color.red(status);
  return status === 'partial' || status === 'cancelled' ? color.yellow(status) : status;
}

/** The next command for the results of a complete job. */
export function nextOfResults(job: string, targets: readonly string[]): string {
  return targets.length > 0 ? `next: mops results best ${job}` : `next: mops results export ${job} --output DIR`;
}

function nextSteps(report: JobReport): string[] {
  const { job, status, targets, failures, missing, has_manifest, error, repair } = report;
  if (repair === 'abandon') return [`next: mops jobs resume ${job}`];
  if (repair !== 'none') return [`next: mops jobs sync ${job}`];
  switch (status) {
    case 'succeeded':
      return [nextOfResults(job, targets)];
    case 'partial':
    case 'failed':
    case 'cancelled':
      return [
        ...(failures.length > 0 ? [`next: mops jobs failures ${job}`] : []),
        // Its workers ended before they recorded any task.
        ...(failures.length === 0 && status === 'failed' && error === null ? [`next: mops jobs logs ${job}`] : []),
        ...(failures.length === 0 && missing.count > 0 && status === 'partial' ? [`next: mops jobs manifest ${job} --missing`] : []),
        `next: mops jobs resume ${job}`,
      ];
    case 'pending':
    case 'submitting':
    case 'scheduled':
    case 'running':
    case 'validating':
      return [has_manifest ? `next: mops jobs wait ${job}` : `next: mops jobs cancel ${job}, then mops jobs resume ${job} --bundle latest`];
  }
}
