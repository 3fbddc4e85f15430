// The program `cb`, which designs experiments: points of a parameter space at which to run a model.
// Never knows of bundles, jobs or clusters; a study is all it writes.
export * from './deps.ts';
export * from './designs/sobol/sobol.ts';
export * from './program.ts';
