import type { Analysis, TargetAnalysis } from '../analysis.ts';
import { countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import { profileSize } from '../plots/best-profile.ts';
import { fileName, type Plot } from '../plots/plot.ts';
import type { Plots, TargetPlots } from '../plots.ts';
import type { Estimate } from '../sensitivity/half-samples.ts';
import { bestSets } from './best-sets.ts';
import { type Html, html } from './html.ts';
import { keyOf, plotsInGrid, type Section, wideFigure } from './parts.ts';

/**
 * The losses for one target: how they are distributed, what they depend on, and the best sets.
 * @param jobOf the job of each row; undefined if all are of one
 */
export function targetSection(target: TargetAnalysis, analysis: Analysis, plots: Plots, jobOf?: ReadonlyMap<number, string>): Section {
  const own = plots.targets.get(target.name)!;
  const content =
    target.rows.length === 0
      ? html`<p class="lead">No parameter set has a loss for this target.</p>`
      : html`<h3>Best sets</h3>${bestSets({ label: target.name, ...target }, analysis, jobOf)}${own.bands.length > 0 && observed(own)}${
          own.panels.length > 0 && lossPanels(target, own)
        }${own.surfaces && surfaces(own.surfaces, target, analysis)}${
          (own.histogram ?? own.profile ?? own.sensitivity) &&
          html`<h3>Distribution, profile and sensitivity</h3><div class="two">${own.histogram && wideFigure(own.histogram, html`<b>Distribution of the losses</b> of ${countText(target.rows.length)} parameter sets.`)}${
            own.profile && profile(own.profile, target)
          }${own.sensitivity && sensitivity(own.sensitivity, target)}</div>`
        }`;
  return { id: fileName('target', target.name), title: `Losses for ${target.name}`, content };
}

function observed({ bands: drawn }: TargetPlots): Html {
  const isObserved = drawn.some(({ bands }) => bands.observed !== undefined);
  const words = [
    ...new Set(
      drawn.map(({ bands: { output, xName, yName, isSingle } }) => `${yName} of output ${output}${isSingle ? '' : ` by ${xName}`}`),
    ),
  ].join('; ');
  const lead = `${isObserved ? 'Observed and simulated' : 'Simulated'} ${words}. Bands are quantiles over the replicates.${hiddenGroups(drawn)}`;
  const each = drawn.flatMap(({ bands: { group, sets, isSingle }, plots }) =>
    plots.map((plot, rank) => ({
      plot,
      caption: isSingle
        ? html`${sets.map(({ loss }, k) => html`<b>#${k + 1}</b> loss ${numberText(loss)} `)}`
        : html`<b>#${rank + 1}</b> ${group !== undefined && html`<b>${group}</b> `}loss ${numberText(sets[rank]!.loss)}, ${countText(sets[rank]!.replicates)} replicates`,
    })),
  );
  return html`<h3>${isObserved ? 'Observed data and the best sets' : 'Simulations of the best sets'}</h3><p class="lead">${lead}</p>${plotsInGrid(each)}${keyOf(
    ...(isObserved ? [['k-best', 'observed'] as const] : []),
    ['k-median', 'median'],
    ['k-50', '25–75 %'],
    ['k-90', '5–95 %'],
  )}`;
}

function hiddenGroups(drawn: TargetPlots['bands']): string {
  const [first] = drawn;
  const groups = first?.bands.groups ?? 0;
  const shown = drawn.filter(({ bands }) => bands.output === first?.bands.output).length;
  return groups > shown ? ` The first ${shown} of ${countText(groups)} groups are shown.` : '';
}

function lossPanels({ rows }: TargetAnalysis, { panels }: TargetPlots): Html {
  const isDense = rows.length > 400;
  return html`<h3>Loss against each parameter</h3>${plotsInGrid(panels.map((plot) => ({ plot })))}${keyOf(
    isDense ? ['k-count', 'number of sets in a cell'] : ['k-dot', 'a parameter set'],
    ['k-best', 'the lowest loss'],
    ['k-line', 'the lowest loss found along the range (profile)'],
  )}`;
}

function surfaces(plot: Plot, { paired }: TargetAnalysis, { varying }: Analysis): Html {
  const few = paired.length < varying.length ? ` The ${paired.length} of ${varying.length} parameters that matter most are shown.` : '';
  return html`<h3>Loss over pairs of parameters</h3>${wideFigure(plot, html`Mean loss in each cell, in seven classes that all pairs share: a pair that matters little has one colour.${few}`, keyOf(['k-ring', 'the lowest loss'], ['k-empty', 'no set']))}`;
}

function profile(plot: Plot, { rows }: TargetAnalysis): Html {
  return wideFigure(
    plot,
    html`<b>Profile of the best sets:</b> where the best ${countText(profileSize(rows))} of ${countText(rows.length)} sets lie in the range of each parameter. A narrow band means that the data determine the parameter.`,
    keyOf(['k-90', 'all of them'], ['k-bar', 'the middle 80 %'], ['k-tick', 'the median'], ['k-best', 'the best set']),
  );
}

function sensitivity(plot: Plot, target: TargetAnalysis): Html {
  const { method, parameters } = target.sensitivity!;
  const number = (value: number | null) => (value === null || !Number.isFinite(value) ? '–' : value.toFixed(3));
  const interval = ({ low, high }: Estimate) => `${number(low)} … ${number(high)}`;
  const isTotal = method === 'saltelli';
  const alone = 'share of the variance that the parameter explains alone, with its 95 % interval';
  const overall = isTotal
    ? 'total: its share alone and together with other parameters, with its 95 % interval'
    : 'PAWN: how much knowing the parameter changes the distribution';
  const rows = parameters.map(
    ({ name, first, overall }) =>
      html`<tr><th scope="row" class="t">${name}</th><td>${number(first.value)}</td><td>${interval(first)}</td><td>${number(overall.value)}</td>${isTotal && html`<td>${interval(overall)}</td>`}</tr>`,
  );
  return html`<div>${wideFigure(plot, html`<b>Sensitivity:</b> how much each parameter matters to the loss, ${sensitivityOrigin(target)}`, keyOf(['k-bar', alone], ['k-diamond', overall]))}<details><summary>Indices as a table</summary><div class="scroll" tabindex="0" role="group" aria-label="Sensitivity indices"><table><thead><tr><th scope="col" class="t">Parameter</th><th scope="col">S1</th><th scope="col">95 % interval</th><th scope="col">${isTotal ? 'ST' : 'PAWN'}</th>${isTotal && html`<th scope="col">95 % interval</th>`}</tr></thead><tbody>${rows}</tbody></table></div></details></div>`;
}

/** What the indices are computed from. */
function sensitivityOrigin({ sensitivity: indices, rows }: TargetAnalysis): Html {
  const { method, job = '', sets, points = 0, missing = 0 } = indices!;
  if (method === 'saltelli')
    return html`by the Saltelli design of <code>${shortName(job)}</code> with ${countText(points)} base points${missing > 0 && `; ${countText(missing)} of ${countText(sets + missing)} sets have no loss`}.`;
  const part = sets < rows.length ? ` From ${countText(sets)} sets, drawn from ${countText(rows.length)}.` : '';
  return html`estimated from these sets (given-data indices; <code>cb sensitivity</code> computes the indices of a design).${part}`;
}
