// The checks of definitions, tasks and tables, for hosts of models that are not written with this package.
// Not for model authors.
export { readRecords } from './csv.ts';
export { describeDefinition, mergeConfig } from './model/define-model.ts';
export { definitionProblems } from './model/definition-problems.ts';
export { RESERVED_COLUMNS } from './model/output-tables.ts';
export { scenarioNamed, taskValues } from './model/task-values.ts';
