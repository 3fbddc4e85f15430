import type { Analysis } from '../analysis.ts';
import { countOf, countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import type { Plots } from '../plots.ts';
import type { ComparisonFacts, JobFacts, PairedTarget, ReportData } from '../report-data.ts';
import { type Html, html } from './html.ts';
import { statusBadge } from './jobs.ts';
import { columnHeading, plotsInGrid, type Section } from './parts.ts';

/** The jobs side by side, then each further job compared with the first: paired losses, and what changed. */
export function comparisonSection({ jobs, comparisons }: ReportData, { targets }: Analysis, plots: Plots): Section | undefined {
  if (jobs.length < 2) return undefined;
  const content = html`${jobsTable(jobs, targets)}${comparisons.map(comparison)}${plots.comparisons.length > 0 && plotsInGrid(plots.comparisons.map(({ target, plot }) => ({ plot, caption: html`<b>${shortName(target)}:</b> the loss of each set in both jobs; equal on the line.` })))}`;
  return { id: 'comparison', title: 'Comparison of jobs', content };
}

function jobsTable(jobs: readonly JobFacts[], targets: Analysis['targets']): Html {
  const best = (job: JobFacts, losses: Float64Array) => {
    const lowest = job.rows
      .filter((row) => !Number.isNaN(losses[row]!))
      .reduce((low, row) => Math.min(low, losses[row]!), Number.POSITIVE_INFINITY);
    return Number.isFinite(lowest) ? numberText(lowest) : '–';
  };
  const rows = jobs.map(
    (job) =>
      html`<tr><th scope="row" class="t"><code>${shortName(job.id)}</code></th><td class="t">${statusBadge(job.status)}</td><td class="t">${shortName(job.scenario)}</td><td>${countText(job.rows.length)}</td><td>${countText(job.replicates)}</td><td>${countText(job.done)} of ${countText(job.tasks)}</td>${targets.map(({ losses }) => html`<td>${best(job, losses)}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Jobs"><table><thead><tr><th scope="col" class="t">Job</th><th scope="col" class="t">Status</th><th scope="col" class="t">Scenario</th><th scope="col">Sets</th><th scope="col">Replicates</th><th scope="col">Results</th>${targets.map(({ name }) => columnHeading(`lowest loss ${name}`))}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function comparison(facts: ComparisonFacts): Html {
  const { a, b, shared, targets } = facts;
  const seeds = shared.same_seeds === shared.sets ? 'with the same seeds' : `${countText(shared.same_seeds)} of them with the same seeds`;
  const compared = targets.filter(({ pairs, only_a, only_b }) => pairs + only_a + only_b > 0);
  return html`<h3>A <code>${shortName(a)}</code> and B <code>${shortName(b)}</code></h3><p class="lead">${countOf(shared.sets, 'parameter set')} in both${shared.sets > 0 && `, ${seeds}`}.${
    compared.some(({ interval }) => interval !== null) &&
    ' The difference B − A is the mean over the sets with a loss in both jobs, with its 95 % interval (paired t).'
  }</p>${compared.length > 0 && pairedTable(a, b, compared)}${changes(facts)}`;
}

function pairedTable(a: string, b: string, targets: readonly PairedTarget[]): Html {
  const number = (value: number | null) => (value === null ? '–' : numberText(value));
  const rows = targets.map(
    ({ target, pairs, only_a, only_b, mean_a, mean_b, mean_difference, interval, lower, higher }) =>
      html`<tr><th scope="row" class="t">${shortName(target)}</th><td>${number(mean_difference)}</td><td>${interval === null ? '–' : `${numberText(interval[0])} … ${numberText(interval[1])}`}</td><td>${countText(lower)}</td><td>${countText(pairs - lower - higher)}</td><td>${countText(higher)}</td><td>${number(mean_a)}</td><td>${number(mean_b)}</td><td>${countText(only_a)}</td><td>${countText(only_b)}</td></tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Paired losses of ${a} and ${b}"><table><thead><tr><th scope="col" class="t">Target</th><th scope="col">B − A</th><th scope="col">95 % interval</th><th scope="col">B lower</th><th scope="col">equal</th><th scope="col">B higher</th><th scope="col">mean A</th><th scope="col">mean B</th><th scope="col">only A</th><th scope="col">only B</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function changes({ a, b, changes: changed, has_files }: ComparisonFacts): Html {
  if (changed.length === 0) return html`<p class="lead">Model, data, targets and settings are the same.</p>`;
  const text = (value: string | null) => (value === null ? '–' : shortName(value.replace(/^sha256:([0-9a-f]{12})[0-9a-f]{52}$/, '$1'), 60));
  return html`<p class="lead">What changed from A to B:${!has_files && ' (changed files are unknown: a bundle cannot be read)'}</p><div class="scroll" tabindex="0" role="group" aria-label="Changes from ${a} to ${b}"><table><thead><tr><th scope="col" class="t">What</th><th scope="col" class="t">A</th><th scope="col" class="t">B</th></tr></thead><tbody>${changed.map((change) => html`<tr><th scope="row" class="t">${shortName(change.what, 60)}</th><td class="t"><code>${text(change.a)}</code></td><td class="t"><code>${text(change.b)}</code></td></tr>`)}</tbody></table></div>`;
}
