import type { ColumnInput, OutputTables } from '../columns.ts';
import type { Rng } from '../random/rng.ts';
import type { Parameter, Parameters, ParamValues, ValuesOf } from './parameters.ts';

export type Config = Readonly<Record<string, unknown>>;

/** A variant of the model. Its parameters replace the task's values, its config entries those of the task's config. */
export interface Scenario<P extends Parameters = Parameters> {
  readonly params?: Partial<ValuesOf<P>>;
  readonly config?: Config;
}

/** The second argument of `simulate`. */
export interface SimulateContext {
  /** The task's seed, 0 … 2^64−1. */
  readonly seed: bigint;
  /** Random numbers derived only from the seed: the only randomness that a model may use. */
  readonly rng: Rng;
  readonly config: Config;
  readonly scenario: string;
}

/** The definition of a model. */
export interface ModelSpec<P extends Parameters, O extends string> {
  readonly parameters: P;
  /** By name. Default: one scenario, `baseline`, that changes nothing. */
  readonly scenarios?: Readonly<Record<string, Scenario<NoInfer<P>>>>;
  /** Names of the tables that `simulate` returns. */
  readonly outputs: readonly O[];
  /** False for parameter sets that a design must not contain: `({ beta, gamma }) => beta > gamma`. Tasks are not checked. */
  readonly constraint?: (params: ValuesOf<NoInfer<P>>) => boolean;
  /** One simulation: a pure function of its arguments. */
  readonly simulate: (params: ValuesOf<P>, context: SimulateContext) => { readonly [K in O]: Readonly<Record<string, ColumnInput>> };
}

export interface ModelDescription {
  readonly parameters: readonly ({ readonly name: string } & Parameter)[];
  readonly scenarios: readonly string[];
  readonly outputs: readonly string[];
  readonly behaviour: number;
  /** Values of the parameters that a scenario fixes, by scenario. */
  readonly fixed?: Readonly<Record<string, ParamValues>>;
  readonly constrained?: true;
}

/** A checked model, as hosts and tools use it. Recognised by `kind`, so that copies of the sdk of different ages work together. */
export interface ModelDefinition {
  readonly kind: 'modelops.model';
  readonly behaviour: number;
  describe(): ModelDescription;
  /** True if a design may contain these values; always for a model without a constraint. Errors of the constraint are passed on unchanged. */
  allows?(values: ParamValues): boolean;
  /**
   * Runs one simulation. Equal arguments yield equal tables.
   * @throws VALUE_INVALID if the values are not exactly the model's parameters or the scenario is unknown, MODEL_INVALID if the tables
   * are not the declared ones; errors of the model are passed on unchanged.
   */
  simulateTask(values: ParamValues, seed: bigint | number, scenario: string, config: Config | null): OutputTables;
}
