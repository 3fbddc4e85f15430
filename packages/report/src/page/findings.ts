import type { Analysis, TargetAnalysis } from '../analysis.ts';
import { countText, numberText } from '../numbers/number-text.ts';
import { percent } from '../plots/sensitivity-plot.ts';
import type { ReportData } from '../report-data.ts';

/** One sentence that a reader should take away. */
export interface Finding {
  readonly text: string;
  readonly isWarning: boolean;
}

/** How close to its end, as a share of the range, a value lies on the edge. */
const EDGE = 0.02;

/** What the data say, in sentences: the best sets, what matters, what is missing. */
export function findingsOf(analysis: Analysis, { failures, jobs }: Pick<ReportData, 'failures' | 'jobs'>): Finding[] {
  const found: Finding[] = [];
  const say = (text: string, isWarning = false) => found.push({ text, isWarning });
  for (const target of analysis.targets) for (const finding of aboutTarget(target, analysis)) say(finding.text, finding.isWarning);
  for (const { id, status, done, tasks } of jobs)
    if (done < tasks) say(`${id} is ${status}: ${countText(done)} of ${countText(tasks)} tasks have a result.`, true);
  const [cause] = failures;
  if (cause !== undefined) say(`${countText(cause.count)} tasks failed with ${cause.message.split('\n')[0]!.slice(0, 160)}`, true);
  if (analysis.targets.length === 0) say('No target was compared with the results, so there are no losses.');
  return found;
}

function aboutTarget({ name, rows, losses, sensitivity }: TargetAnalysis, { varying, table }: Analysis): Finding[] {
  const best = rows[0];
  if (best === undefined) return [{ text: `No parameter set has a loss for ${name} yet.`, isWarning: true }];
  const found: Finding[] = [];
  const at = varying.slice(0, 6).map(({ name: parameter, axis, values }) => `${parameter} ${axis.text(values[best]!)}`);
  found.push({
    text: `The lowest loss for ${name} is ${numberText(losses[best]!)}${at.length === 0 ? '' : ` at ${at.join(', ')}${varying.length > 6 ? ', …' : ''}`}.`,
    isWarning: false,
  });
  const most = [...(sensitivity?.parameters ?? [])].sort((a, b) => b.first.value - a.first.value).filter(({ first }) => first.value > 0.1);
  if (most.length > 0)
    found.push({
      text: `Alone, ${most
        .slice(0, 3)
        .map(({ name: parameter, first }) => `${parameter} explains ${percent(Math.min(1, first.value))}`)
        .join(' and ')} of the variance of this loss.`,
      isWarning: false,
    });
  for (const { name: parameter, axis, values } of varying) {
    const place = axis.place(values[best]!);
    if (axis.categories === undefined && rows.length >= 20 && (place < EDGE || place > 1 - EDGE))
      found.push({
        text: `The best set for ${name} lies at the ${place < 0.5 ? 'lower' : 'upper'} end of the range of ${parameter}: a wider range may hold a better one.`,
        isWarning: true,
      });
  }
  const without = table.paramIds.length - rows.length;
  if (without > 0)
    found.push({
      text: `${countText(without)} of ${countText(table.paramIds.length)} parameter sets have no loss for ${name}.`,
      isWarning: true,
    });
  return found;
}
