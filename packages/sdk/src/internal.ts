// For the other packages: the checks of definitions, tasks and tables, for hosts of models that are not written with this package; CSV, quantiles.
// Not for model authors.
export * from './behaviour.ts';
export * from './csv.ts';
export * from './csv-lines.ts';
export * from './model/define-model.ts';
export * from './model/definition-problems.ts';
export * from './model/output-tables.ts';
export * from './model/task-values.ts';
export * from './target/quantile.ts';
