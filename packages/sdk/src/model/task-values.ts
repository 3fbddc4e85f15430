import { ModelOpsError, nearestName } from '@modelops/contracts';
import type { Scenario } from './definition.ts';
import { type Parameters, type ParamValues, valueProblem } from './parameters.ts';

/** The values with the scenario's in their place: a new record, in the order the parameters were declared. @throws VALUE_INVALID unless they are exactly the parameters. */
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
  const slip = nearestName(
    name,
    Object.keys(values).filter((given) => !names.includes(given)),
  );
  return new ModelOpsError('VALUE_INVALID', `parameter ${name} has no value${slip === undefined ? '' : `; ${slip} is not a parameter`}`, {
    hint: slip === undefined ? `give all of ${names.join(', ')}` : `did you mean ${name} by ${slip}?`,
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
