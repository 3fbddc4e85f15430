// The report: turns parameter sets, losses and facts about jobs into one HTML page and its plots.
// Never reads a file, a store or a clock: the caller passes the data.
export * from './render-report.ts';
export * from './report-data.ts';
