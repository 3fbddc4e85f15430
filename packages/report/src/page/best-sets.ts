import type { Analysis } from '../analysis.ts';
import { numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import { type Html, html } from './html.ts';
import { columnHeading, copyButton } from './parts.ts';

const BEST = 10;

/** Sets ranked by one number. */
export interface RankedSets {
  /** What they are ranked for. */
  readonly label: string;
  /** The lowest first. */
  readonly rows: Uint32Array;
  readonly losses: Float64Array;
  /** Further losses of each row, for a weighted sum. */
  readonly parts?: readonly { readonly title: string; readonly losses: Float64Array }[];
  /** By row; 0 if unknown. */
  readonly replicates?: Int32Array;
}

/** The best sets as a table with copy buttons; equal losses share a rank, shown as `2=`. @param jobOf the job of each row; undefined if all are of one */
export function bestSets(
  { label, rows, losses, parts = [], replicates }: RankedSets,
  { table, varying }: Analysis,
  jobOf: ReadonlyMap<number, string> | undefined,
): Html {
  const hasReplicates = replicates?.some((n) => n > 0) === true;
  const lines = [...rows.subarray(0, BEST)].map((row, at) => {
    const set = Object.fromEntries(
      table.parameters.flatMap(({ name, values, categories }) =>
        Number.isNaN(values[row]!) ? [] : [[name, categories === undefined ? values[row]! : categories[values[row]!]!]],
      ),
    );
    return html`<tr><td>${rankText(rows, losses, at)}</td><td>${numberText(losses[row]!)}</td><td>${copyButton(JSON.stringify(set), `Copy the parameters of set ${at + 1}`)}</td>${parts.map((part) => html`<td>${numberText(part.losses[row]!)}</td>`)}${varying.map(({ axis, values }) => html`<td>${shortName(axis.text(values[row]!))}</td>`)}${hasReplicates && html`<td>${replicates![row]!}</td>`}<td class="t"><code>${table.paramIds[row]!.slice(0, 8)}</code></td>${jobOf && html`<td class="t"><code>${shortName(jobOf.get(row) ?? '–')}</code></td>`}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Best sets for ${label}"><table class="best-sets"><thead><tr><th scope="col">#</th><th scope="col">${parts.length > 0 ? 'weighted loss' : 'loss'}</th><th scope="col"><span class="quiet">Copy</span></th>${parts.map(({ title }) => columnHeading(title))}${varying.map(({ name }) => columnHeading(name))}${hasReplicates && html`<th scope="col">replicates</th>`}<th scope="col" class="t">id</th>${jobOf && html`<th scope="col" class="t">job</th>`}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

function rankText(rows: Uint32Array, losses: Float64Array, at: number): string {
  const lossAt = (place: number) => losses[rows[place] ?? -1];
  let first = at;
  while (lossAt(first - 1) === lossAt(at)) first -= 1;
  return `${first + 1}${first < at || lossAt(at + 1) === lossAt(at) ? '=' : ''}`;
}
