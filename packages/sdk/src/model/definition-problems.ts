import { nearestName, type Problem, parseScenario } from '@modelops/contracts';
import { type Parameter, type Parameters, type Prior, valueProblem } from './parameters.ts';

const PARAMETER_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
/** An output names a file in a pack, where `_index` is reserved. */
const OUTPUT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

interface UncheckedScenario {
  readonly params?: object;
  readonly config?: object;
}

/** A definition before it is checked. */
export interface UncheckedSpec {
  readonly parameters: Parameters;
  readonly scenarios?: Readonly<Record<string, UncheckedScenario>>;
  readonly outputs: readonly string[];
  readonly constraint?: unknown;
  readonly simulate?: unknown;
}

/** All problems of a definition, with their paths. */
export function definitionProblems(spec: UncheckedSpec): Problem[] {
  const { parameters, scenarios = {}, outputs, simulate } = spec;
  return [
    ...parametersProblems(parameters),
    ...Object.entries(scenarios).flatMap(([name, scenario]) => scenarioProblems(name, scenario, parameters)),
    ...(spec.scenarios !== undefined && Object.keys(scenarios).length === 0
      ? [{ path: 'scenarios', message: 'is empty: declare a scenario, or omit the field' }]
      : []),
    ...outputsProblems(outputs),
    ...(spec.constraint === undefined || typeof spec.constraint === 'function'
      ? []
      : [{ path: 'constraint', message: 'is not a function' }]),
    ...(typeof simulate === 'function' ? [] : [{ path: 'simulate', message: 'is not a function' }]),
  ];
}

function parametersProblems(parameters: Parameters): Problem[] {
  if (typeof parameters !== 'object' || parameters === null) return [{ path: 'parameters', message: 'is not a record of parameters' }];
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    const path = `parameters.${name}`;
    const problems = parameterProblems(parameter).map((message) => ({ path, message }));
    return PARAMETER_NAME.test(name)
      ? problems
      : [{ path, message: 'invalid name: use letters, digits and _, not starting with a digit' }, ...problems];
  });
}

function parameterProblems(parameter: Parameter): string[] {
  switch (parameter?.kind) {
    case 'float':
    case 'int':
      return numberProblems(parameter);
    case 'choice':
      return choiceProblems(parameter);
    default:
      return ['is not a parameter: use float, int, choice or bool'];
  }
}

function numberProblems(parameter: Extract<Parameter, { kind: 'float' | 'int' }>): string[] {
  const { min, max, scale, default: given } = parameter;
  const bounds = [valueProblem(parameter, min)?.replace(/^/, 'min '), valueProblem(parameter, max)?.replace(/^/, 'max ')].filter(
    (problem) => problem !== undefined,
  );
  if (bounds.length > 0) return bounds;
  const problems: string[] = [];
  if (min > max) problems.push(`min ${min} is above max ${max}`);
  const scales = parameter.kind === 'float' ? ['linear', 'log', 'logit'] : ['linear', 'log'];
  if (!scales.includes(scale)) problems.push(`scale is ${String(scale)}, not one of ${scales.join(', ')}`);
  if (scale === 'log' && min <= 0) problems.push(`min ${min} is not above 0, which a log scale needs`);
  if (scale === 'logit' && !(min > 0 && max < 1)) problems.push(`${min} to ${max} is not inside (0, 1), which a logit scale needs`);
  if (parameter.prior !== undefined) problems.push(...priorProblems(parameter.prior));
  if (given !== undefined) {
    const problem = valueProblem(parameter, given);
    if (problem !== undefined) problems.push(`default ${problem}`);
    else if (given < min || given > max) problems.push(`default ${given} is outside ${min} to ${max}`);
  }
  return problems;
}

function choiceProblems(parameter: Extract<Parameter, { kind: 'choice' }>): string[] {
  const { values, default: given } = parameter;
  if (values.length === 0) return ['has no values to choose from'];
  const bad = values.find((value) => !(['boolean', 'string'].includes(typeof value) || Number.isFinite(value)));
  if (bad !== undefined) return [`has the value ${String(bad)}; a value is a boolean, a finite number or a string`];
  if (new Set(values).size < values.length) return ['lists a value twice'];
  const problem = given === undefined ? undefined : valueProblem(parameter, given);
  return problem === undefined ? [] : [`default ${problem}`];
}

/** What determines each prior, in the order in which it is written. */
export const PRIOR_FIELDS = {
  uniform: [],
  normal: ['mean', 'sd'],
  lognormal: ['mean_log', 'sd_log'],
  beta: ['alpha', 'beta'],
  gamma: ['shape', 'scale'],
} as const satisfies Record<Prior['distribution'], readonly string[]>;

/** A mean may be any finite number, everything else must be above 0. */
function priorProblems(prior: Prior): string[] {
  const fields = Object.hasOwn(PRIOR_FIELDS, prior.distribution) ? PRIOR_FIELDS[prior.distribution] : undefined;
  if (fields === undefined) return [`prior is ${String(prior.distribution)}, not one of ${Object.keys(PRIOR_FIELDS).join(', ')}`];
  const values: Readonly<Record<string, unknown>> = prior;
  return fields.flatMap((field) => {
    const value = values[field];
    const isValid = Number.isFinite(value) && (field.startsWith('mean') || (value as number) > 0);
    return isValid ? [] : [`prior.${field} is ${String(value)}, not a finite number${field.startsWith('mean') ? '' : ' above 0'}`];
  });
}

function scenarioProblems(name: string, scenario: UncheckedScenario, parameters: Parameters): Problem[] {
  const path = `scenarios.${name}`;
  const problems: Problem[] = [];
  try {
    parseScenario(name);
  } catch (error) {
    problems.push({ path, message: (error as Error).message });
  }
  for (const [param, value] of Object.entries(scenario?.params ?? {})) {
    const known = Object.hasOwn(parameters ?? {}, param) ? parameters[param] : undefined;
    const message = known === undefined ? unknownParameter(param, parameters) : valueProblem(known, value);
    if (message !== undefined) problems.push({ path: `${path}.params.${param}`, message });
  }
  return problems;
}

function unknownParameter(name: string, parameters: Parameters): string {
  const near = nearestName(name, Object.keys(parameters ?? {}));
  return `the model has no parameter ${name}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function outputsProblems(outputs: readonly string[]): Problem[] {
  if (!Array.isArray(outputs) || outputs.length === 0) return [{ path: 'outputs', message: 'a model needs at least one output' }];
  return outputs.flatMap((name, k) => {
    const path = `outputs[${k}]`;
    if (!OUTPUT_NAME.test(name))
      return [{ path, message: `invalid output name "${name}": use letters, digits, _ and -, starting with a letter` }];
    return outputs.indexOf(name) === k ? [] : [{ path, message: `${name} is listed twice` }];
  });
}
