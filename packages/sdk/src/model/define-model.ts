import { formatCount, ModelOpsError } from '@modelops/contracts';
import { BEHAVIOUR_VERSION } from '../behaviour.ts';
import { createRng } from '../random/rng.ts';
import type { Config, ModelDefinition, ModelDescription, ModelSpec, Scenario } from './definition.ts';
import { definitionProblems, type UncheckedSpec } from './definition-problems.ts';
import { outputTables } from './output-tables.ts';
import type { Parameters, ParamValues, ValuesOf } from './parameters.ts';
import { scenarioNamed, taskValues } from './task-values.ts';

const NO_CONFIG: Config = Object.freeze({});
/** The scenarios of a model that declares none. */
const BASELINE = { baseline: {} };

/** Defines a model by its parameters, scenarios, outputs and simulation. @throws MODEL_INVALID naming every problem of the definition. */
export function defineModel<const P extends Parameters, const O extends string>(spec: ModelSpec<P, O>): ModelDefinition {
  checkDefinition(spec);
  const { parameters, outputs, constraint, simulate } = spec;
  const scenarios: Readonly<Record<string, Scenario>> = spec.scenarios ?? BASELINE;
  const names = Object.keys(parameters);
  return {
    kind: 'modelops.model',
    behaviour: BEHAVIOUR_VERSION,
    describe: () => describeDefinition(spec),
    allows: (values) => constraint === undefined || constraint(values as ValuesOf<P>) === true,
    simulateTask(values, seed, scenario, config) {
      const chosen = scenarioNamed(scenarios, scenario);
      const params = taskValues(parameters, names, values, chosen) as ValuesOf<P>;
      const context = { seed: BigInt(seed), rng: createRng(seed), config: mergeConfig(config, chosen.config), scenario };
      return outputTables(simulate(params, context), outputs);
    },
  };
}

export function describeDefinition({ parameters, scenarios = BASELINE, outputs, constraint }: UncheckedSpec): ModelDescription {
  return {
    parameters: Object.entries(parameters).map(([name, parameter]) => ({ name, ...parameter })),
    scenarios: Object.keys(scenarios),
    outputs: [...outputs],
    behaviour: BEHAVIOUR_VERSION,
    ...fixedBy(scenarios),
    ...(constraint === undefined ? {} : { constrained: true }),
  };
}

/** The parameter values that scenarios fix; scenarios that fix none are omitted. */
function fixedBy(scenarios: NonNullable<UncheckedSpec['scenarios']>): { readonly fixed?: Readonly<Record<string, ParamValues>> } {
  const fixed = Object.entries(scenarios).flatMap(([name, { params = {} }]) =>
    Object.keys(params).length === 0 ? [] : [[name, params as ParamValues] as const],
  );
  return fixed.length === 0 ? {} : { fixed: Object.fromEntries(fixed) };
}

/** A task's config with the entries that its scenario fixes. */
export function mergeConfig(config: Config | null, fixed: Config | undefined): Config {
  return config === null && fixed === undefined ? NO_CONFIG : { ...config, ...fixed };
}

function checkDefinition(spec: UncheckedSpec): void {
  const problems = definitionProblems(spec);
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new ModelOpsError('MODEL_INVALID', `the model's ${first.path}: ${first.message}`);
  throw new ModelOpsError('MODEL_INVALID', `the model definition has ${formatCount(problems.length, 'problem')}`, { problems });
}
