import { analyseTable } from './analysis.ts';
import { FILE_COLOURS } from './page/colours.ts';
import { comparisonSection } from './page/comparison.ts';
import { designSection } from './page/design.ts';
import { failuresSection, provenanceSection } from './page/jobs.ts';
import { jobsByRow, lossesSection, lossRowsOf } from './page/losses-table.ts';
import { pageOf } from './page/page.ts';
import type { Section } from './page/parts.ts';
import { summarySection } from './page/summary.ts';
import { targetSection } from './page/target.ts';
import { targetSetSection } from './page/target-set.ts';
import { plotFile, uniqueNames } from './plots/plot.ts';
import { drawPlots, everyPlot } from './plots.ts';
import type { ReportData } from './report-data.ts';

export interface Report {
  /** The page: one document without references to other files. */
  readonly html: string;
  /** Each plot as an SVG document, by file name. */
  readonly plots: ReadonlyMap<string, string>;
}

/** A report as a page, and its plots as files. The same data give the same bytes. */
export function renderReport(data: ReportData): Report {
  const analysis = analyseTable(data.table, data.saltelli);
  const plots = drawPlots(analysis, data.bands, data.jobs);
  const jobOf = jobsByRow(data.jobs);
  const rows = lossRowsOf(analysis, jobOf);
  const sections = [
    summarySection(data, analysis),
    ...analysis.targets.map((target) => targetSection(target, analysis, plots, jobOf)),
    ...data.targetSets.map((set) => targetSetSection(set, analysis, jobOf)),
    designSection(analysis, plots),
    comparisonSection(data, analysis, plots),
    failuresSection(data),
    lossesSection(rows),
    provenanceSection(data),
  ].filter((section): section is Section => section !== undefined);
  const ids = uniqueNames(sections.map(({ id }) => id));
  const drawn = [...everyPlot(plots)];
  const names = uniqueNames(drawn.map(({ name }) => name));
  return {
    html: pageOf(
      data,
      sections.map((section, k) => ({ ...section, id: ids[k]! })),
      rows,
    ),
    plots: new Map(drawn.map((plot, k) => [`${names[k]}.svg`, plotFile(plot, FILE_COLOURS)])),
  };
}
