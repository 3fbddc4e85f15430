// mops: binds studies to bundles, runs them on an engine, and answers questions about results.
// Never runs a model itself, and never imports the tool that designs experiments.
export { mops } from './program.ts';
