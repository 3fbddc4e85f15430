import type { Analysis } from '../analysis.ts';
import { countText } from '../numbers/number-text.ts';
import { rowsByValue } from '../numbers/order.ts';
import { fileName } from '../plots/plot.ts';
import type { TargetSetFacts } from '../report-data.ts';
import { bestSets } from './best-sets.ts';
import { html } from './html.ts';
import type { Section } from './parts.ts';

/** The sets with the lowest weighted sum of losses; undefined if the page lacks one of the targets. @param jobOf as for `bestSets` */
export function targetSetSection(
  { name, weights }: TargetSetFacts,
  analysis: Analysis,
  jobOf: ReadonlyMap<number, string> | undefined,
): Section | undefined {
  const targets = Object.keys(weights).map((target) => analysis.targets.find((one) => one.name === target));
  if (targets.length === 0 || targets.includes(undefined)) return undefined;
  const parts = targets.map((target) => ({
    title: `${target!.name} × ${weights[target!.name]}`,
    weight: weights[target!.name]!,
    losses: target!.losses,
  }));
  const losses = Float64Array.from(analysis.table.paramIds, (_, row) =>
    parts.reduce((sum, part) => sum + part.weight * part.losses[row]!, 0),
  );
  const rows = rowsByValue(losses);
  const missing = losses.length - rows.length;
  const lead = `The sets with the lowest weighted sum of losses.${missing > 0 ? ` ${countText(missing)} of ${countText(losses.length)} sets lack one of the losses and are not ranked.` : ''}`;
  return {
    id: fileName('set', name),
    title: `Target set ${name}`,
    content: html`<p class="lead">${lead}</p>${rows.length > 0 && bestSets({ label: `target set ${name}`, rows, losses, parts }, analysis, jobOf)}`,
  };
}
