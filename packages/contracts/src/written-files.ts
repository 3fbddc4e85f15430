/** True for a page that `mops report`, `mops watch` or `cb diagnostics report` wrote: it may be overwritten without asking. */
export function isReportPage(text: string): boolean {
  const head = text.slice(0, 2_000);
  return head.startsWith('<!doctype html>') && /<meta name="generator" content="(mops|cb) [^"]* report">/.test(head);
}
