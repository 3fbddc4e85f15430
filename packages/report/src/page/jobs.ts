import { countOf } from '../numbers/number-text.ts';
import type { ReportData } from '../report-data.ts';
import { type Html, html } from './html.ts';
import { command, facts, type Section } from './parts.ts';

export function statusBadge(status: string): Html {
  return html`<span class="badge ${/^[a-z]+$/.test(status) ? status : ''}">${status}</span>`;
}

/** Maximum number of causes in a page. */
const MAX_CAUSES = 30;
/** Maximum length of a traceback in a page; a longer one keeps its end, which names the error. */
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

export function provenanceSection({ jobs, generator, generatedAt }: ReportData): Section {
  const each = jobs.map(
    ({ id, status, provenance, files, commands }) =>
      html`<h3><code>${id}</code> ${statusBadge(status)}</h3>${facts(provenance)}${files.length > 0 && html`<details><summary>${countOf(files.length, 'file')} of the bundle</summary><div class="scroll tall" tabindex="0" role="group" aria-label="Files of the bundle"><table><thead><tr><th scope="col" class="t">File</th><th scope="col" class="t">SHA-256</th></tr></thead><tbody>${files.map(({ path, digest }) => html`<tr><td class="t">${path}</td><td class="t"><code>${digest.replace('sha256:', '').slice(0, 16)}</code></td></tr>`)}</tbody></table></div></details>`}${commands.length > 0 && html`<p class="lead">To reproduce these results:</p>${commands.map(command)}`}`,
  );
  return { id: 'provenance', title: 'Provenance', content: html`${each}${facts([['Written', `${generatedAt} by ${generator}`]])}` };
}
