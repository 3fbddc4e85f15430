// Sensitivity indices that any sweep gives, for `cb sensitivity` and for the report.
// Never reads a design: what needs one is in cb-cli.
export * from './given-data.ts';
export * from './half-samples.ts';
