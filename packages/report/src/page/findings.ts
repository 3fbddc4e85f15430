import type { Analysis, TargetAnalysis } from '../analysis.ts';
import { countOf, countText, numberText } from '../numbers/number-text.ts';
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
  const add = (text: string) => found.push({ text, isWarning: false });
  const warn = (text: string) => found.push({ text, isWarning: true });
  for (const target of analysis.targets) describeTarget(target, analysis, add, warn);
  for (const { id, status, done, tasks } of jobs)
    if (done < tasks) warn(`${shortName(id)} is ${status}: ${countText(done)} of ${countText(tasks)} tasks have a result.`);
  const [cause] = failures;
  if (cause !== undefined) warn(`${countOf(cause.count, 'task')} failed with ${cause.message.split('\n')[0]!.slice(0, 160)}`);
  if (analysis.targets.length === 0) add('The results were not compared with a target, so there are no losses.');
  return found;
}

type Say = (text: string) => void;

function describeTarget({ name, rows, losses, sensitivity }: TargetAnalysis, { varying, table }: Analysis, add: Say, warn: Say): void {
  const best = rows[0];
  const target = shortName(name);
  if (best === undefined) {
    warn(`No parameter set has a loss for ${target}.`);
    return;
  }
  const at = varying
    .slice(0, 6)
    .map(({ name: parameter, axis, values }) => `${shortName(parameter)} ${shortName(axis.text(values[best]!))}`);
  const place = at.length === 0 ? '' : ` at ${at.join(', ')}`;
  add(`The lowest loss for ${target} is ${numberText(losses[best]!)}${place}${varying.length > 6 ? ' …' : '.'}`);
  const most = [...(sensitivity?.parameters ?? [])].sort((a, b) => b.first.value - a.first.value).filter(({ first }) => first.value > 0.1);
  const shares = most
    .slice(0, 3)
    .map(({ name: parameter, first }) => `${shortName(parameter)} explains ${percent(Math.min(1, first.value))}`);
  if (shares.length > 0) add(`Alone, ${shares.join(' and ')} of the variance of this loss.`);
  for (const { name: parameter, axis, values } of varying) {
    const along = axis.place(values[best]!);
    if (axis.categories !== undefined || rows.length < 20 || !(along < EDGE || along > 1 - EDGE)) continue;
    const end = `${along < 0.5 ? 'lower' : 'upper'} end of the range of ${shortName(parameter)}`;
    warn(`The best set for ${target} lies at the ${end}: a better set may lie outside it.`);
  }
  const without = table.paramIds.length - rows.length;
  const sets = `${countText(without)} of ${countText(table.paramIds.length)} parameter sets`;
  if (without > 0) warn(`${sets} ${without === 1 ? 'has' : 'have'} no loss for ${target}.`);
}
