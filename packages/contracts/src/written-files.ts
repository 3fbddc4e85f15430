/** Number of bytes at the start of a file from which the functions here recognise it. */
export const WRITTEN_HEAD_BYTES = 2_000;
/** The first line of the SVG files of plots. */
export const SVG_MARK = '<!-- written by ModelOps -->\n';
/** The text chunk (`tEXt`, PNG specification 11.3.3.3) of the PNG files of plots, which follows the header chunk. */
export const PNG_MARK = 'Software\0ModelOps';
/** Bytes of a PNG before its second chunk: the signature and the header chunk. */
export const PNG_HEADER_BYTES = 33;
/** Bytes of a chunk before its data: length and type. */
const CHUNK_HEADER_BYTES = 8;

/** True for a page that `mops report`, `mops watch` or `cb diagnostics report` wrote: it may be overwritten without asking, and is never in a bundle. */
export function isReportPage(text: string): boolean {
  const head = text.slice(0, WRITTEN_HEAD_BYTES);
  return head.startsWith('<!doctype html>') && /<meta name="generator" content="(mops|cb) [^"]* report">/.test(head);
}

/** True for a plot that the option `--plots` wrote, by the first bytes of its file, each as one character. */
export function isWrittenPlot(head: string): boolean {
  return head.startsWith(SVG_MARK) || head.startsWith(PNG_MARK, PNG_HEADER_BYTES + CHUNK_HEADER_BYTES);
}
