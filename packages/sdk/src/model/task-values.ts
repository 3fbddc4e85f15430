import { ModelOpsError, nearestName } from '@modelops/contracts';
import type { Scenario } from './definition.ts';
import { type Parameters, type ParamValues, valueProblem } from './parameters.ts';

/** The values, with those that the scenario fixes replaced: a new record, in order of declaration. @throws VALUE_INVALID unless `values` has exactly the parameters */
export function taskValues(parameters: Parameters, names: readonly string[], values: ParamValues, scenario: Scenario): ParamValues {
  const merged: Record<string, ParamValues[string]> = {};
  const fixed = scenario.params as ParamValues | undefined;
  for (const name of names) {
    if (!Object.hasOwn(values, name)) throw missing(name, names, values);
    const value = values[name]!;
    const problem = valueProblem(parameters[name]!, value);
    if (problem !== undefined) throw new ModelOpsError('VALUE_INVALID', `parameter ${name} ${problem}`);
    merged[name] = fixed !== undefined && Object.hasOwn(fixed, name) ? fixed[name]! : value;
  }
  for (const name in values) if (!Object.hasOwn(merged, name)) throw unknown(name, names);
  return merged;
}

function missing(name: string, names: readonly string[], values: ParamValues): ModelOpsError {
  const near = nearestName(
    name,
    Object.keys(values).filter((given) => !names.includes(given)),
  );
  return new ModelOpsError('VALUE_INVALID', `parameter ${name} has no value${near === undefined ? '' : `; ${near} is not a parameter`}`, {
    hint: near === undefined ? `give values for ${names.join(', ')}` : `rename ${near} to ${name}`,
  });
}

function unknown(name: string, names: readonly string[]): ModelOpsError {
  const near = nearestName(name, names);
  return new ModelOpsError('VALUE_INVALID', `the model has no parameter ${name}`, {
    hint: near === undefined ? `its parameters are ${names.join(', ') || 'none'}` : `did you mean ${near}?`,
  });
}

export function scenarioNamed<S>(scenarios: Readonly<Record<string, S>>, name: string): S {
  if (Object.hasOwn(scenarios, name)) return scenarios[name]!;
  const names = Object.keys(scenarios);
  const near = nearestName(name, names);
  throw new ModelOpsError('VALUE_INVALID', `the model has no scenario ${name}`, {
    hint: near === undefined ? `its scenarios are ${names.join(', ')}` : `did you mean ${near}?`,
  });
}
