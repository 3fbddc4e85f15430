// biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters
export const CONTROLS = /\x1b\[(?:1|2|22|3[1236]|39)m|[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from files, registries and models made safe for a terminal: control characters and marks that reorder text become `\u001b`; tabs and
 * line breaks are kept. Colours ({@link Palette}) are kept if `isColored`. Inside JSON the value does not change.
 */
export function escapeControls(text: string, isColored = false): string {
  return text.replace(CONTROLS, (found) => {
    if (found.length > 1 && isColored) return found;
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}${found.slice(1)}`;
  });
}
