import { type Html, html } from '../page/html.ts';

/** A drawing, and what it is in words. */
export interface Plot {
  /** Name of its file: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  /** What a person who cannot see it should know. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly marks: Html;
}

/** As an element of the page. */
export function plotElement({ title, description, width, height, marks }: Plot): Html {
  return html`<svg class="plot${width > 560 ? ' broad' : ''}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}. ${description}">${marks}</svg>`;
}

/** As a file: on white, with its own colours. @param colours the declarations and rules that the marks need */
export function plotFile({ title, description, width, height, marks }: Plot, colours: string): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${title}</title><desc>${description}</desc><style>${{ html: colours }}</style><rect width="${width}" height="${height}" fill="#fff"/>${marks}</svg>
`.html;
}

/** Letters and digits of any names, as a file's name. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
