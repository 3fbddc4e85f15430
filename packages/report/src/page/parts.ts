import { shortName } from '../numbers/short-name.ts';
import { type Plot, plotElement } from '../plots/plot.ts';
import { type Html, html } from './html.ts';

/** A section of the page; the navigation links to its heading. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Html;
}

export function sectionElement({ id, title, content }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`;
}

/** A wide plot, which scrolls on a narrow screen. */
export function wideFigure(plot: Plot, caption: Html, key?: Html): Html {
  return html`<figure data-plot="${plot.name}"><figcaption>${caption}</figcaption><div class="scroll fit">${plotElement(plot)}</div>${key}</figure>`;
}

export function plotsInGrid(plots: readonly { readonly plot: Plot; readonly caption?: Html }[]): Html {
  return html`<div class="grid-of-plots">${plots.map(
    ({ plot, caption }) =>
      html`<figure data-plot="${plot.name}">${caption && html`<figcaption>${caption}</figcaption>`}${plotElement(plot)}</figure>`,
  )}</div>`;
}

/** The key of a plot: the class of each sample mark, and its meaning. */
export function keyOf(...entries: readonly (readonly [string, string])[]): Html {
  return html`<ul class="key">${entries.map(([name, words]) => html`<li><i class="${name}"></i>${words}</li>`)}</ul>`;
}

/** The heading of a column; the name of a narrow one may be shortened, and is then shown in full by a tooltip. */
export function columnHeading(name: string, more?: Html | false): Html {
  const short = shortName(name, 26);
  return html`<th scope="col"${more}${short !== name && html` tabindex="0" data-tip="${name}"`}>${short}</th>`;
}

export function copyButton(text: string, label: string): Html {
  return html`<button type="button" data-copy="${text}" aria-label="${label}">Copy</button>`;
}

export function command(text: string): Html {
  return html`<div class="command"><pre tabindex="0"><code>${text}</code></pre>${copyButton(text, `Copy the command ${text}`)}</div>`;
}

export function facts(entries: readonly (readonly [string, string])[]): Html {
  return html`<dl class="facts">${entries.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}
