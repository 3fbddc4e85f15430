import type { Analysis, TargetAnalysis } from '../analysis.ts';
import { countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import { percent } from '../plots/sensitivity-plot.ts';
import type { ReportData } from '../report-data.ts';

/** One sentence of the summary. */
export interface Finding {
  readonly text: string;
  readonly isWarning: boolean;
}

/** A value this close to an end of the range, as a share of the range, is on the edge. */
const EDGE = 0.02;

/** The main findings, as sentences: the best sets, the parameters that matter, missing results. */
export function findingsOf(analysis: Analysis, { failures, jobs }: Pick<ReportData, 'failures' | 'jobs'>): Finding[] {
  const found: Finding[] = [];
  const add = (text: string, isWarning = false) => found.push({ text, isWarning });
  for (const target of analysis.targets) found.push(...aboutTarget(target, analysis));
  for (const { id, status, done, tasks } of jobs)
    if (done < tasks) add(`${shortName(id)} is ${status}: ${countText(done)} of ${countText(tasks)} tasks have a result.`, true);
  const [cause] = failures;
  if (cause !== undefined)
    add(
      `${countText(cause.count)} ${cause.count === 1 ? 'task' : 'tasks'} failed with ${cause.message.split('\n')[0]!.slice(0, 160)}`,
      true,
    );
  if (analysis.targets.length === 0) add('The results were not compared with a target, so there are no losses.');
  return found;
}

function aboutTarget({ name, rows, losses, sensitivity }: TargetAnalysis, { varying, table }: Analysis): Finding[] {
  const best = rows[0];
  if (best === undefined) return [{ text: `No parameter set has a loss for ${shortName(name)}.`, isWarning: true }];
  const found: Finding[] = [];
  const at = varying
    .slice(0, 6)
    .map(({ name: parameter, axis, values }) => `${shortName(parameter)} ${shortName(axis.text(values[best]!))}`);
  found.push({
    text: `The lowest loss for ${shortName(name)} is ${numberText(losses[best]!)}${at.length === 0 ? '' : ` at ${at.join(', ')}`}${varying.length > 6 ? ' …' : '.'}`,
    isWarning: false,
  });
  const most = [...(sensitivity?.parameters ?? [])].sort((a, b) => b.first.value - a.first.value).filter(({ first }) => first.value > 0.1);
  if (most.length > 0)
    found.push({
      text: `Alone, ${most
        .slice(0, 3)
        .map(({ name: parameter, first }) => `${shortName(parameter)} explains ${percent(Math.min(1, first.value))}`)
        .join(' and ')} of the variance of this loss.`,
      isWarning: false,
    });
  for (const { name: parameter, axis, values } of varying) {
    const place = axis.place(values[best]!);
    if (axis.categories === undefined && rows.length >= 20 && (place < EDGE || place > 1 - EDGE))
      found.push({
        text: `The best set for ${shortName(name)} lies at the ${place < 0.5 ? 'lower' : 'upper'} end of the range of ${shortName(parameter)}: a better set may lie outside it.`,
        isWarning: true,
      });
  }
  const without = table.paramIds.length - rows.length;
  if (without > 0)
    found.push({
      text: `${countText(without)} of ${countText(table.paramIds.length)} parameter sets ${without === 1 ? 'has' : 'have'} no loss for ${shortName(name)}.`,
      isWarning: true,
    });
  return found;
}
