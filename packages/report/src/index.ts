// The report: from parameter sets, losses and facts of jobs to one page of HTML and its plots.
// Never reads a file, a store or a clock: who calls it brings the data.
export * from './page/is-report-page.ts';
export * from './render-report.ts';
export * from './report-data.ts';
