import { type Html, html } from '../page/html.ts';

/** A drawing and its description. */
export interface Plot {
  /** Name of its file: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  /** Read out by screen readers. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly marks: Html;
}

/** The plot as an element of the page. */
export function plotElement({ title, description, width, height, marks }: Plot): Html {
  return html`<svg class="plot${width > 560 ? ' broad' : ''}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}. ${description}">${marks}</svg>`;
}

/** The plot as an SVG file, on white. @param colours the CSS rules of the marks */
export function plotFile({ title, description, width, height, marks }: Plot, colours: string): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${title}</title><desc>${description}</desc><style>${{ html: colours }}</style><rect width="${width}" height="${height}" fill="#fff"/>${marks}</svg>
`.html;
}

/** A file name from any names: their letters and digits, joined by dashes. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
