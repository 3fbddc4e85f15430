import { formatCount, ModelOpsError } from '@modelops/contracts';
import { BEHAVIOUR_VERSION } from '../behaviour.ts';
import { createRng } from '../random/rng.ts';
import type { Config, ModelDefinition, ModelSpec, Scenario } from './definition.ts';
import { definitionProblems } from './definition-problems.ts';
import { outputTables } from './output-tables.ts';
import type { Parameters, ParamValues, ValuesOf } from './parameters.ts';
import { scenarioNamed, taskValues } from './task-values.ts';

const NO_CONFIG: Config = Object.freeze({});

/** A model from its parameters, scenarios, outputs and simulation. @throws MODEL_INVALID naming every problem of the definition. */
export function defineModel<const P extends Parameters, const O extends string>(spec: ModelSpec<P, O>): ModelDefinition {
  checkDefinition(spec as unknown as ModelSpec<Parameters, string>);
  const { parameters, outputs, constraint, simulate } = spec;
  const scenarios: Readonly<Record<string, Scenario>> = spec.scenarios ?? { baseline: {} };
  const names = Object.keys(parameters);
  return {
    kind: 'modelops.model',
    behaviour: BEHAVIOUR_VERSION,
    describe: () => ({
      parameters: names.map((name) => ({ name, ...parameters[name]! })),
      scenarios: Object.keys(scenarios),
      outputs: [...outputs],
      behaviour: BEHAVIOUR_VERSION,
      ...fixedBy(scenarios),
      ...(constraint === undefined ? {} : { constrained: true }),
    }),
    allows: (values) => constraint === undefined || constraint(values as ValuesOf<P>) === true,
    simulateTask(values, seed, scenario, config) {
      const chosen = scenarioNamed(scenarios, scenario);
      const params = taskValues(parameters, names, values, chosen) as ValuesOf<P>;
      const context = { seed: BigInt(seed), rng: createRng(seed), config: mergeConfig(config, chosen.config), scenario };
      return outputTables(simulate(params, context), outputs);
    },
  };
}

/** The values that scenarios fix, without the scenarios that fix none. */
function fixedBy(scenarios: Readonly<Record<string, Scenario>>): { readonly fixed?: Readonly<Record<string, ParamValues>> } {
  const fixed = Object.entries(scenarios).flatMap(([name, { params = {} }]) =>
    Object.keys(params).length === 0 ? [] : [[name, params as ParamValues] as const],
  );
  return fixed.length === 0 ? {} : { fixed: Object.fromEntries(fixed) };
}

/** A task's config with the entries that its scenario fixes. */
export function mergeConfig(config: Config | null, fixed: Config | undefined): Config {
  return config === null && fixed === undefined ? NO_CONFIG : { ...config, ...fixed };
}

function checkDefinition(spec: ModelSpec<Parameters, string>): void {
  const problems = definitionProblems(spec);
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new ModelOpsError('MODEL_INVALID', `the model's ${first.path}: ${first.message}`);
  throw new ModelOpsError('MODEL_INVALID', `the model definition has ${formatCount(problems.length, 'problem')}`, { problems });
}
