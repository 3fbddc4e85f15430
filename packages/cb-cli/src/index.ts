// The program `cb`, which designs experiments: it chooses the points of a parameter space at which to run a model.
// Never depends on bundles, jobs or clusters; it writes studies and reports.
export * from './deps.ts';
export * from './designs/sobol/sobol.ts';
export * from './program.ts';
