// mops: binds studies to bundles, runs them on an engine, and queries their results.
// Never runs a model itself, and never imports the tool that designs experiments.
export { mops } from './program.ts';
