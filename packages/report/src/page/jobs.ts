import type { Analysis } from '../analysis.ts';
import { countOf, countText, numberText } from '../numbers/number-text.ts';
import { shortName } from '../numbers/short-name.ts';
import { type Plots, pairedLosses } from '../plots.ts';
import type { JobFacts, ReportData } from '../report-data.ts';
import { type Html, html } from './html.ts';
import { columnHeading, command, facts, plotsInGrid, type Section } from './parts.ts';

export function statusBadge(status: string): Html {
  return html`<span class="badge ${/^[a-z]+$/.test(status) ? status : ''}">${status}</span>`;
}

/** Maximum number of causes in a page. */
const MAX_CAUSES = 30;
/** Maximum length of a traceback in a page; its end says most. */
const MAX_TRACEBACK = 20_000;

export function failuresSection({ failures, targetFailures, jobs }: ReportData): Section | undefined {
  if (failures.length + targetFailures.length === 0) return undefined;
  const ofJob = (job: string) => jobs.length > 1 && ` of ${job}`;
  const shown = [...failures].sort((a, b) => b.count - a.count).slice(0, MAX_CAUSES);
  const causes = shown.map(
    ({ job, count, kind, message, traceback, sample, seed, region, command: text }) =>
      html`<div class="cause"><p><span class="badge failed">${countOf(count, 'task')}</span> <b>${kind}</b>${ofJob(job)}: ${message}</p>${region !== undefined && html`<p class="lead">Where: ${region}</p>`}<p class="lead">For example <code>${JSON.stringify(sample)}</code>, seed ${seed}. Run it here:</p>${command(text)}${traceback !== undefined && html`<details><summary>Traceback</summary><pre tabindex="0">${traceback.length > MAX_TRACEBACK ? `…${traceback.slice(-MAX_TRACEBACK)}` : traceback}</pre></details>`}</div>`,
  );
  const hidden = failures.filter((one) => !shown.includes(one));
  const rest =
    hidden.length > 0 &&
    html`<div class="cause"><p class="lead">${countOf(hidden.length, 'further cause')} of ${countOf(
      hidden.reduce((sum, { count }) => sum + count, 0),
      'task',
    )}. To list them:</p>${[...new Set(hidden.map(({ job }) => job))].map((job) => command(`mops jobs failures ${job}`))}</div>`;
  const targets = targetFailures
    .slice(0, MAX_CAUSES)
    .map(
      ({ job, target, reason, count }) =>
        html`<div class="cause"><p><span class="badge partial">${countOf(count, 'set')}</span> without a loss for <b>${target}</b>${ofJob(job)}: ${reason}</p></div>`,
    );
  return { id: 'failures', title: 'Failures', content: html`${causes}${rest}${targets}` };
}

export function comparisonSection({ jobs }: ReportData, analysis: Analysis, { comparisons }: Plots): Section | undefined {
  if (jobs.length < 2) return undefined;
  const { targets } = analysis;
  const best = (job: JobFacts, losses: Float64Array) => {
    const lowest = [...job.rows]
      .map((row) => losses[row]!)
      .reduce((low, loss) => (Number.isNaN(loss) ? low : Math.min(low, loss)), Number.POSITIVE_INFINITY);
    return Number.isFinite(lowest) ? numberText(lowest) : '–';
  };
  const rows = jobs.map(
    (job) =>
      html`<tr><th scope="row" class="t"><code>${shortName(job.id)}</code></th><td class="t">${statusBadge(job.status)}</td><td class="t">${shortName(job.scenario)}</td><td>${countText(job.sets)}</td><td>${countText(job.replicates)}</td><td>${countText(job.done)} of ${countText(job.tasks)}</td>${targets.map(({ losses }) => html`<td>${best(job, losses)}</td>`)}</tr>`,
  );
  const paired = pairedLosses(analysis, jobs);
  const words = paired.map(({ target, a, b, losses }) => {
    const lower = losses.filter(([x, y]) => y < x).length;
    const equal = losses.filter(([x, y]) => y === x).length;
    return html`<li>${shortName(target)}: ${shortName(a)} and ${shortName(b)} share ${countOf(losses.length, 'set')}; ${shortName(b)} has the lower loss in ${countText(lower)}, the same in ${countText(equal)}.</li>`;
  });
  const content = html`<div class="scroll" tabindex="0" role="group" aria-label="Jobs"><table><thead><tr><th scope="col" class="t">Job</th><th scope="col" class="t">Status</th><th scope="col" class="t">Scenario</th><th scope="col">Sets</th><th scope="col">Replicates</th><th scope="col">Results</th>${targets.map(({ name }) => columnHeading(`lowest loss ${name}`))}</tr></thead><tbody>${rows}</tbody></table></div>${
    words.length > 0 ? html`<ul class="findings">${words}</ul>` : html`<p class="lead">The jobs share no parameter set with a loss.</p>`
  }${comparisons.length > 0 && plotsInGrid(comparisons.map((plot) => ({ plot })))}`;
  return { id: 'comparison', title: 'Comparison of jobs', content };
}

export function provenanceSection({ jobs, generator, generatedAt }: ReportData): Section {
  const each = jobs.map(
    ({ id, status, provenance, files, commands }) =>
      html`<h3><code>${id}</code> ${statusBadge(status)}</h3>${facts(provenance)}${files.length > 0 && html`<details><summary>${countOf(files.length, 'file')} of the bundle</summary><div class="scroll tall" tabindex="0" role="group" aria-label="Files of the bundle"><table><thead><tr><th scope="col" class="t">File</th><th scope="col" class="t">SHA-256</th></tr></thead><tbody>${files.map(({ path, digest }) => html`<tr><td class="t">${path}</td><td class="t"><code>${digest.replace('sha256:', '').slice(0, 16)}</code></td></tr>`)}</tbody></table></div></details>`}${commands.length > 0 && html`<p class="lead">To reproduce these results:</p>${commands.map(command)}`}`,
  );
  return { id: 'provenance', title: 'Provenance', content: html`${each}${facts([['Written', `${generatedAt} by ${generator}`]])}` };
}
