import type { Analysis } from '../analysis.ts';
import { countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import type { JobFacts } from '../report-data.ts';
import { html } from './html.ts';
import { columnHeading, type Section } from './parts.ts';

type Cell = number | string | null;

/** The losses that the page contains, with full precision. */
export interface LossRows {
  /** `row`, `job` if there are several, `param_id`, the parameters, then a loss for each target. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Number of all sets, in the page or not. */
  readonly sets: number;
}

/** Maximum number of sets in a page. */
const MAX_ROWS = 500;

/** The first job that has each row; undefined for one job. */
export function jobsByRow(jobs: readonly JobFacts[]): Map<number, string> | undefined {
  if (jobs.length < 2) return undefined;
  const jobOf = new Map<number, string>();
  for (const { id, rows } of jobs) for (const row of rows) if (!jobOf.has(row)) jobOf.set(row, id);
  return jobOf;
}

/** All sets, or the sets with the lowest losses for each target if there are many; sorted by the loss for the first target. */
export function lossRowsOf({ table, targets }: Analysis, jobOf: ReadonlyMap<number, string> | undefined): LossRows {
  const { paramIds, parameters } = table;
  const chosen = chooseRows(paramIds.length, targets);
  const name = (target: string) => (targets.length === 1 ? 'loss' : `loss ${target}`);
  return {
    columns: [
      'row',
      ...(jobOf === undefined ? [] : ['job']),
      'param_id',
      ...parameters.map((one) => one.name),
      ...targets.map((target) => name(target.name)),
    ],
    rows: chosen.map((row) => [
      row,
      ...(jobOf === undefined ? [] : [jobOf.get(row) ?? null]),
      paramIds[row]!,
      ...parameters.map(({ values, categories }) =>
        Number.isNaN(values[row]!) ? null : categories === undefined ? values[row]! : categories[values[row]!]!,
      ),
      ...targets.map(({ losses }) => (Number.isNaN(losses[row]!) ? null : losses[row]!)),
    ]),
    sets: paramIds.length,
  };
}

function chooseRows(sets: number, targets: Analysis['targets']): number[] {
  const first = [...(targets[0]?.rows ?? [])];
  if (sets <= MAX_ROWS || targets.length === 0) {
    const all = new Set([...first, ...Array(sets).keys()]);
    return [...all].slice(0, MAX_ROWS);
  }
  const each = Math.floor(MAX_ROWS / targets.length);
  const chosen = new Set(targets.flatMap(({ rows }) => [...rows.subarray(0, each)]));
  return first.filter((row) => chosen.has(row)).concat([...chosen].filter((row) => Number.isNaN(targets[0]!.losses[row]!)));
}

export function lossesSection({ columns, rows, sets }: LossRows): Section | undefined {
  if (rows.length === 0) return undefined;
  const names = columns.slice(1);
  const texts = names.map((_, at) => rows.some((row) => typeof row[at + 1] === 'string'));
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
