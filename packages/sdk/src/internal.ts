// The rules by which the definition, the tasks and the tables of every model are checked, for hosts of models that are not written with this package.
// Never imported by model authors.
export { readRecords } from './csv.ts';
export { mergeConfig } from './model/define-model.ts';
export { definitionProblems } from './model/definition-problems.ts';
export { TAKEN_COLUMNS } from './model/output-tables.ts';
export { scenarioNamed, taskValues } from './model/task-values.ts';
