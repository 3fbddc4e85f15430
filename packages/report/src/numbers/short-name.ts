/** A name of at most `limit` characters: an ellipsis replaces the middle of a longer one, since names often differ at their ends. */
export function shortName(name: string, limit = 36): string {
  const characters = [...name];
  if (characters.length <= limit) return name;
  const end = Math.floor((limit - 1) / 3);
  return `${characters.slice(0, limit - 1 - end).join('')}…${characters.slice(characters.length - end).join('')}`;
}

/** Widths of a character of plots in their units: of labels, and of titles, which are bold. */
const LABEL_WIDTH = 6.9;
const TITLE_WIDTH = 8.2;

/** The part of a bold title that fits a width. */
export function fittingTitle(title: string, width: number): string {
  return shortName(title, Math.max(3, Math.floor(width / TITLE_WIDTH)));
}

/** The part of a label that fits a width. */
export function fittingLabel(label: string, width: number): string {
  return shortName(label, Math.max(3, Math.floor(width / LABEL_WIDTH)));
}

/** The width of a label. */
export function labelWidth(label: string): number {
  return [...label].length * LABEL_WIDTH;
}
