// For the other packages: the checks of definitions, tasks and tables, for hosts of models that are not written with this package; CSV, quantiles.
// Not for model authors.
export { readRecords } from './csv.ts';
export { csvCell, csvLines } from './csv-lines.ts';
export { describeDefinition, mergeConfig } from './model/define-model.ts';
export { definitionProblems, PRIOR_FIELDS } from './model/definition-problems.ts';
export { RESERVED_COLUMNS } from './model/output-tables.ts';
export { scenarioNamed, taskValues } from './model/task-values.ts';
export { quantile } from './target/quantile.ts';
