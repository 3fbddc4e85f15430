// What a model author imports: models and their parameters, seeded random numbers, targets and their losses.
// Never does I/O, reads a clock, uses randomness other than a task's seed, or needs another package at run time.
export { BEHAVIOUR_VERSION, TARGET_BEHAVIOUR_VERSION } from './behaviour.ts';
export type { Column, ColumnInput, OutputTables, Table, TableInput } from './columns.ts';
export { parseCsv } from './csv.ts';
export { defineModel } from './model/define-model.ts';
export type { Config, ModelDefinition, ModelDescription, ModelSpec, Scenario, SimulateContext } from './model/definition.ts';
export {
  bool,
  type ChoiceOptions,
  type ChoiceParameter,
  choice,
  type FloatParameter,
  float,
  type IntParameter,
  int,
  type NumberOptions,
  type Parameter,
  type Parameters,
  type ParameterText,
  type ParamValue,
  type ParamValues,
  type Prior,
  type Scale,
  type ValuesOf,
} from './model/parameters.ts';
export { createRng, type Rng } from './random/rng.ts';
export type { AggregatedOutputs, AggregatedTable } from './target/aggregated-table.ts';
export { defineTarget } from './target/define-target.ts';
export type {
  EvaluateInput,
  Evaluation,
  Join,
  NearJoin,
  ReplicateTable,
  TargetDefinition,
  TargetDescription,
  TargetSpec,
} from './target/definition.ts';
export type { AlignedData, Evaluator } from './target/evaluator.ts';
export { mae, meanReplicateMse, meanSignalMse, rmse } from './target/evaluators.ts';
export { defineJointLikelihood, type LikelihoodSpec } from './target/joint-likelihood.ts';
export {
  betaBinomialLogLikelihood,
  binomialLogLikelihood,
  gaussianLogLikelihood,
  type LikelihoodEvaluator,
  logMeanExp,
  negativeBinomialLogLikelihood,
  poissonLogLikelihood,
} from './target/likelihoods.ts';
export { meanSignal } from './target/point-diagnostics.ts';
