import { digestOf } from '@modelops/contracts';
import { shortName } from '../numbers/short-name.ts';
import type { ReportData } from '../report-data.ts';
import { html } from './html.ts';
import { statusBadge } from './jobs.ts';
import type { LossRows } from './losses-table.ts';
import { type Section, sectionElement } from './parts.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** The whole document. Its Content-Security-Policy allows only its own style and script, and no requests. */
export function pageOf(
  { title, jobs, generator, generatedAt, refreshSeconds }: ReportData,
  sections: readonly Section[],
  rows: LossRows,
): string {
  const policy = `default-src 'none'; script-src ${sourceHash(SCRIPT)}; style-src ${sourceHash(STYLE)}; base-uri 'none'; form-action 'none'`;
  const losses = JSON.stringify(rows).replaceAll('<', '\\u003c'); // safe inside a script element
  const [only] = jobs;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${generator} report">
${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<header class="top wrap"><div class="line"><h1>${title}</h1><button type="button" id="theme">Light or dark</button></div>
<p class="sub">${jobs.length === 1 && html`${statusBadge(only!.status)} ${only!.model}, scenario ${only!.scenario} · `}${generatedAt.slice(0, 16).replace('T', ' ')} UTC · ${generator}</p></header>
<nav aria-label="Sections"><div class="wrap"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${shortName(name, 44)}</a></li>`)}</ul></div></nav>
<main class="wrap">${sections.map(sectionElement)}<div id="tip" role="tooltip" hidden></div><div id="status" class="quiet" role="status"></div></main>
<footer class="wrap">This page is a single file that needs no network. Plots take the keyboard: Tab to a plot, then the arrow keys, Home and End move between its marks.</footer>
<script type="application/json" id="losses">${{ html: losses }}</script>
<script>${{ html: SCRIPT }}</script>
</body>
</html>
`.html;
}

/** A source of a Content-Security-Policy: the hash of an inline element's text. */
function sourceHash(text: string): string {
  const hex = digestOf(new TextEncoder().encode(text)).slice('sha256:'.length);
  return `'sha256-${Buffer.from(hex, 'hex').toString('base64')}'`;
}
