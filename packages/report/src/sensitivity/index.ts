// Sensitivity indices of sweeps of any design, for `cb sensitivity` and for the report.
// Never uses a design: indices that need one are in cb-cli.
export * from './given-data.ts';
export * from './half-samples.ts';
