import { shortName } from '../numbers/short-name.ts';
import { type Html, html } from '../page/html.ts';

/** A drawing and its description. */
export interface Plot {
  /** Name of its file, without an extension. */
  readonly name: string;
  readonly title: string;
  /** Read out by screen readers. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly marks: Html;
}

/** The plot as an element of the page. One whose marks have tooltips takes the keyboard: the page's script moves between its marks. */
export function plotElement({ title, description, width, height, marks }: Plot): Html {
  const hasTips = /data-(?:tip|row)=/.test(marks.html);
  return html`<svg class="plot${width > 560 ? ' broad' : ''}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"${hasTips && html` tabindex="0"`} aria-label="${title}. ${description}${hasTips && ' Arrow keys move between its marks.'}">${marks}</svg>`;
}

/** The plot as an SVG file, on white. @param colours the CSS rules of the marks */
export function plotFile({ title, description, width, height, marks }: Plot, colours: string): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${title}</title><desc>${description}</desc><style>${{ html: colours }}</style><rect width="${width}" height="${height}" fill="#fff"/>${marks}</svg>
`.html;
}

/** Maximum length of a part of a file name. */
const MAX_PART = 40;

/** A file name from any names: their letters and digits in any script, joined by dashes. Different names may give the same one: see {@link uniqueNames}. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .map((part) =>
      shortName(
        part
          .normalize('NFC')
          .toLowerCase()
          .replace(/[^\p{L}\p{N}]+/gu, '-')
          .replace(/^-+|-+$/g, ''),
        MAX_PART,
      ).replace('…', '--'),
    )
    .filter((part) => part !== '')
    .join('-');
}

/** The names, with a number added to those that an earlier one has. */
export function uniqueNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let n = 2; used.has(unique); n++) unique = `${name}-${n}`;
    used.add(unique);
    return unique;
  });
}
