/** Lines per piece of text. */
const LINES = 4_096;

/**
 * Columns of equal length as CSV (RFC 4180, lines end in LF), in pieces. Null is an empty cell, empty text is `""`; numbers keep all their digits, and may be
 * `NaN`, `Infinity` or `-Infinity`.
 */
export function* csvLines(
  columns: readonly { readonly name: string; readonly values: ArrayLike<unknown> }[],
  { hasHeader = true }: { readonly hasHeader?: boolean } = {},
): Iterable<string> {
  if (hasHeader) yield `${columns.map(({ name }) => textCell(name)).join(',')}\n`;
  const values = columns.map((column) => column.values);
  const rows = values[0]?.length ?? 0;
  for (let start = 0; start < rows; start += LINES) {
    let text = '';
    for (let row = start; row < Math.min(rows, start + LINES); row++) {
      for (let at = 0; at < values.length; at++) text += `${at === 0 ? '' : ','}${csvCell(values[at]![row])}`;
      text += '\n';
    }
    yield text;
  }
}

/** One cell of {@link csvLines}. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? textCell(value) : Object.is(value, -0) ? '-0' : String(value);
}

function textCell(text: string): string {
  return text === '' || /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
