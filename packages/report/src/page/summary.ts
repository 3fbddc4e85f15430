import type { Analysis } from '../analysis.ts';
import { countOf, countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import type { ReportData } from '../report-data.ts';
import { findingsOf } from './findings.ts';
import { type Html, html } from './html.ts';
import type { Section } from './parts.ts';

export function summarySection(data: ReportData, analysis: Analysis): Section {
  const { jobs, table, notes } = data;
  const findings = findingsOf(analysis, data);
  const tasks = jobs.reduce((sum, job) => sum + job.tasks, 0);
  const done = jobs.reduce((sum, job) => sum + job.done, 0);
  const failed = data.failures.reduce((sum, { count }) => sum + count, 0);
  const content = html`<dl class="tiles">${tile('Parameter sets', countText(table.paramIds.length), `${countOf(analysis.varying.length, 'parameter')} ${analysis.varying.length === 1 ? 'varies' : 'vary'}`)}${
    tasks > 0 && tile('Simulations', countText(done), done === tasks ? 'all have a result' : `of ${countText(tasks)}`)
  }${failed > 0 && tile('Failed', countText(failed), 'tasks')}${analysis.targets.map((target) =>
    tile(
      `Lowest loss${analysis.targets.length > 1 ? ` · ${shortName(target.name)}` : ''}`,
      target.rows.length === 0 ? '–' : numberText(target.losses[target.rows[0]!]!),
      analysis.targets.length > 1 ? `${countText(target.rows.length)} sets` : shortName(target.name),
    ),
  )}</dl>${findings.length > 0 && html`<ul class="findings">${findings.map(({ text, isWarning }) => html`<li${isWarning && html` class="warn"`}>${text}</li>`)}</ul>`}${notes.map((note) => html`<p class="lead">${note}</p>`)}`;
  return { id: 'summary', title: 'Summary', content };
}

function tile(label: string, value: string, more: string): Html {
  return html`<div class="tile"><dt>${label}</dt><dd>${value}<small>${more}</small></dd></div>`;
}
