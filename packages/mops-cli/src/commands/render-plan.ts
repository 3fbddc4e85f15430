import { formatBytes, formatCount, formatDuration } from '@modelops/cli-kit';
import type { SubmissionPlan } from '../documents/jobs.ts';
import type { Estimate } from '../jobs/estimate/estimate-work.ts';

/** The plan of a submission, for display. */
export function renderPlan({ estimate, pilot, ...plan }: SubmissionPlan): string {
  const { tasks, bundle_ref, bundle_unpushed, model, scenario, targets, parameter_sets, chunks, workers, slots, engine } = plan;
  const failed = tasks.failed_before === 0 ? '' : ` (${formatCount(tasks.failed_before)} of them failed before)`;
  const lines = [
    `model    ${model}, scenario ${scenario}`,
    `bundle   ${bundle_ref}${bundle_unpushed ? ', not pushed yet' : ''}`,
    `targets  ${targets.length === 0 ? 'none' : targets.join(', ')}`,
    `tasks    ${formatCount(tasks.total)} of ${formatCount(parameter_sets, 'parameter set')}: ${formatCount(tasks.new)} new${failed}, ${formatCount(tasks.reused)} reused`,
    workers === 0
      ? 'workers  none: nothing to run'
      : `workers  ${formatCount(workers)} × ${formatCount(slots, 'slot')} (${engine}), ${formatCount(chunks, 'chunk')}`,
  ];
  if (pilot !== null)
    lines.push(
      `pilot    ${formatCount(pilot.tasks, 'task')} ran here${pilot.failed === 0 ? '' : `, ${formatCount(pilot.failed)} of them failed`}; their results are kept`,
    );
  if (estimate !== null && tasks.new > 0) lines.push(...renderEstimate(estimate));
  if (estimate === null && tasks.new > 0) lines.push('time     unknown: no task of this model has run yet; to measure some: --pilot 20');
  lines.push('nothing was started');
  return lines.join('\n');
}

function renderEstimate({ wall_seconds: wall, core_hours: cores, bytes, basis }: Estimate): string[] {
  const of = basis.other_code ? 'another version of this model' : 'this model';
  return [
    `time     ${formatDuration(wall.low * 1000)} to ${formatDuration(wall.high * 1000)}, ${coreHours(cores)}`,
    `space    about ${formatBytes(bytes)}`,
    `         from ${formatCount(basis.tasks, 'past task')} of ${of} at ${formatCount(basis.parameter_sets, 'parameter set')}, the nearest ${basis.nearest} of each`,
  ];
}

function coreHours({ low, high }: Estimate['core_hours']): string {
  const round = (value: number) => String(Number(value.toPrecision(2)));
  return high < 0.01 ? 'under 0.01 core-hours' : `${round(low)} to ${round(high)} core-hours`;
}
