import type { Analysis } from '../analysis.ts';
import { numberText } from '../numbers/number-text.ts';
import { rangeOf } from '../numbers/order.ts';
import { shortName } from '../numbers/short-name.ts';
import type { Plots } from '../plots.ts';
import type { ParameterColumn } from '../report-data.ts';
import { html } from './html.ts';
import { keyOf, type Section, wideFigure } from './parts.ts';

export function designSection(analysis: Analysis, { coverage }: Plots): Section | undefined {
  const { varying, fixed, paired, table } = analysis;
  if (table.parameters.length === 0) return undefined;
  const rows = varying.map(
    (column) =>
      html`<tr><th scope="row" class="t wrap-text">${column.name}</th><td class="t">${valuesOf(column)}</td><td class="t">${shortName(column.unit ?? '', 20)}</td><td class="t">${column.axis.isLog ? 'logarithmic' : column.categories === undefined ? 'linear' : 'choice'}</td><td class="t wrap-text">${column.description ?? ''}</td></tr>`,
  );
  const few = paired.length < varying.length ? ` The ${paired.length} of ${varying.length} parameters that matter most are shown.` : '';
  const key = keyOf(table.paramIds.length > 400 ? ['k-count', 'number of sets in a cell'] : ['k-dot', 'a parameter set']);
  const content = html`${varying.length > 0 && html`<div class="scroll" tabindex="0" role="group" aria-label="Parameters"><table><thead><tr><th scope="col" class="t">Parameter</th><th scope="col" class="t">Values</th><th scope="col" class="t">Unit</th><th scope="col" class="t">Axis</th><th scope="col" class="t">Meaning</th></tr></thead><tbody>${rows}</tbody></table></div>`}${
    fixed.length > 0 && html`<p class="lead">Fixed: ${fixed.map(([name, value]) => `${name} = ${value}`).join(', ')}.</p>`
  }${coverage !== undefined && wideFigure(coverage, html`<b>Coverage:</b> the sets of the design, for every pair of parameters.${few}`, key)}`;
  return { id: 'design', title: 'Design', content };
}

function valuesOf({ values, categories }: ParameterColumn): string {
  if (categories !== undefined)
    return (
      categories
        .slice(0, 8)
        .map((one) => shortName(one, 20))
        .join(', ') + (categories.length > 8 ? ', …' : '')
    );
  const [low, high] = rangeOf(values);
  return `${numberText(low)} … ${numberText(high)}`;
}
