import { countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import { html } from './html.ts';
import type { LossRows } from './loss-rows.ts';
import { columnHeading, type Section } from './parts.ts';

export function lossesSection({ columns, rows, sets }: LossRows): Section | undefined {
  if (rows.length === 0) return undefined;
  const names = columns.slice(1);
  const isText = (at: number) => rows.some((row) => typeof row[at + 1] === 'string');
  const texts = names.map((_, at) => isText(at));
  const left = (at: number) => texts[at]! && html` class="t"`;
  const cell = (name: string, value: string | number | null) =>
    value === null ? '–' : typeof value === 'number' ? numberText(value) : name === 'param_id' ? value.slice(0, 8) : shortName(value);
  const shown =
    rows.length === sets
      ? sets === 1
        ? 'The only parameter set'
        : `All ${countText(sets)} parameter sets`
      : `The ${countText(rows.length)} sets with the lowest losses, of ${countText(sets)}`;
  const content = html`<p class="lead">${shown}. The copy contains all digits. <button type="button" id="copy-csv">Copy as CSV</button></p><div class="scroll tall" tabindex="0" role="group" aria-label="Table of losses"><table id="losses-table"><thead><tr>${names.map((name, at) => columnHeading(name, left(at)))}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.slice(1).map((value, at) => html`<td${left(at)}>${cell(names[at]!, value)}</td>`)}</tr>`)}</tbody></table></div>`;
  return { id: 'table', title: 'Table', content };
}
