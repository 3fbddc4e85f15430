import { nearestName, type ParamValue, type ParamValues, type Problem } from '@modelops/contracts';
import { parsePrior, probabilityWithin } from './distributions/prior.ts';
import { type DeclaredParameter, parseBounds, parseFixed } from './parse-bounds.ts';

export type ChoiceParameter = Extract<DeclaredParameter, { kind: 'choice' }>;
type Named = Pick<ChoiceParameter, 'name' | 'unit' | 'description'>;

/** Its prior is truncated to the bounds; without one, values are uniform on the scale. */
export interface NumberParameter extends Omit<Extract<DeclaredParameter, { kind: 'float' }>, 'kind'> {
  readonly kind: 'float' | 'int';
  /** For an int: the rounded value of a float, as in the original. Default: each whole number is equally likely. */
  readonly rounding?: 'half-even';
}

interface FixedParameter extends Named {
  readonly kind: 'fixed';
  readonly value: ParamValue;
  /** Where the value comes from, unless from `--fix`. */
  readonly by?: 'scenario';
}

/** A parameter of a design: sampled over its range, or fixed at one value. */
export type DesignParameter = NumberParameter | ChoiceParameter | FixedParameter;
export type SampledParameter = NumberParameter | ChoiceParameter;

/** The options about single parameters. */
export interface SpaceOptions {
  /** `name` → value. */
  readonly fix: Readonly<Record<string, string>>;
  /** `name` → `min:max`. */
  readonly range: Readonly<Record<string, string>>;
  /** `name` → `normal(0.3,0.1)`. */
  readonly prior: Readonly<Record<string, string>>;
  readonly intRounding: 'equal-width' | 'half-even';
}

export interface Scenario {
  readonly name: string;
  /** The values that the scenario fixes. */
  readonly fixed: ParamValues;
}

/** The parameters of a design in the model's order. Adds every problem, under its flag. */
export function planSpace(
  declared: readonly DeclaredParameter[],
  scenario: Scenario,
  options: SpaceOptions,
  problems: Problem[],
): DesignParameter[] {
  const names = declared.map(({ name }) => name);
  for (const [flag, given] of [
    ['--fix', options.fix],
    ['--range', options.range],
    ['--prior', options.prior],
  ] as const)
    checkNames(flag, Object.keys(given), names, problems);
  return declared.map((parameter) => planParameter(parameter, scenario, options, problems));
}

function planParameter(parameter: DeclaredParameter, scenario: Scenario, options: SpaceOptions, problems: Problem[]): DesignParameter {
  const { name } = parameter;
  const [fixed, bounds, prior] = [own(options.fix, name), own(options.range, name), own(options.prior, name)];
  const typed = [
    ['--fix', fixed],
    ['--range', bounds],
    ['--prior', prior],
  ] as const;
  const held = own(scenario.fixed, name);
  if (held !== undefined) {
    for (const [flag, text] of typed) {
      if (text !== undefined && !(flag === '--fix' && text === String(held))) {
        problems.push({ path: `${flag} ${name}`, message: `scenario ${scenario.name} fixes ${name} at ${String(held)}` });
      }
    }
    return { ...textOf(parameter), kind: 'fixed', value: held, by: 'scenario' };
  }
  if (fixed !== undefined) {
    for (const [flag, text] of typed.slice(1))
      if (text !== undefined) problems.push({ path: `${flag} ${name}`, message: 'is also fixed by --fix' });
    return { ...textOf(parameter), kind: 'fixed', value: parseFixed(parameter, fixed, problems) };
  }
  const sampled = bounds === undefined ? sampledOf(parameter, options) : narrow(parameter, bounds, options, problems);
  checkSampled(sampled, bounds === undefined ? name : `--range ${name}`, problems);
  return prior === undefined ? checkPrior(sampled, name, problems) : withPrior(sampled, prior, problems);
}

/** Adds a problem for each name that is not a parameter of the model. */
export function checkNames(path: string, given: readonly string[], known: readonly string[], problems: Problem[]): void {
  for (const name of given)
    if (!known.includes(name)) problems.push({ path: `${path} ${name}`, message: unknownName('parameter', name, known) });
}

/** `the model has no output "prevalnce"; did you mean "prevalence"?` */
export function unknownName(what: 'output' | 'parameter' | 'scenario', name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `the model has no ${what} "${name}"; ${near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean "${near}"?`}`;
}

/** The parameters that a design varies: those that are not fixed and can take more than one value. */
export function varying(parameters: readonly DesignParameter[]): SampledParameter[] {
  return parameters.filter(isVarying);
}

export function isVarying(parameter: DesignParameter): parameter is SampledParameter {
  if (parameter.kind === 'fixed') return false;
  return parameter.kind === 'choice' ? parameter.values.length > 1 : parameter.min < parameter.max;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function textOf({ name, unit, description }: DeclaredParameter): Named {
  return { name, ...(unit === undefined ? {} : { unit }), ...(description === undefined ? {} : { description }) };
}

function sampledOf(parameter: DeclaredParameter, { intRounding }: SpaceOptions): SampledParameter {
  const standard = parameter.default === undefined ? {} : { default: parameter.default };
  if (parameter.kind === 'choice')
    return { ...textOf(parameter), kind: 'choice', values: parameter.values, ...(standard as { default?: ParamValue }) };
  const { kind, min, max, scale, prior } = parameter;
  return {
    ...textOf(parameter),
    kind,
    min,
    max,
    scale,
    ...(standard as { default?: number }),
    ...(prior === undefined ? {} : { prior }),
    ...(kind === 'int' && intRounding === 'half-even' ? { rounding: intRounding } : {}),
  };
}

function narrow(parameter: DeclaredParameter, bounds: string, options: SpaceOptions, problems: Problem[]): SampledParameter {
  const declared = sampledOf(parameter, options);
  const path = `--range ${parameter.name}`;
  if (declared.kind === 'choice') {
    problems.push({
      path,
      message: `${parameter.name} is a choice, which has no range; fix it with --fix ${parameter.name}=VALUE`,
    });
    return declared;
  }
  const parsed = parseBounds(bounds, declared.kind, path, problems);
  if (parsed === undefined) return declared;
  if (parsed.min < declared.min || parsed.max > declared.max) {
    problems.push({ path, message: `${parsed.min}:${parsed.max} is not within the declared range ${declared.min}:${declared.max}` });
    return declared;
  }
  const { default: standard, ...rest } = declared;
  const keeps = standard !== undefined && standard >= parsed.min && standard <= parsed.max;
  return { ...rest, ...parsed, ...(keeps ? { default: standard } : {}) };
}

function withPrior(parameter: SampledParameter, text: string, problems: Problem[]): SampledParameter {
  const path = `--prior ${parameter.name}`;
  if (parameter.kind === 'choice') {
    problems.push({ path, message: `${parameter.name} is a choice, which cannot have a prior` });
    return parameter;
  }
  const prior = parsePrior(text, path, problems);
  return prior === undefined ? parameter : checkPrior({ ...parameter, prior }, path, problems);
}

function checkPrior(parameter: SampledParameter, path: string, problems: Problem[]): SampledParameter {
  if (parameter.kind === 'choice' || parameter.prior === undefined || parameter.min > parameter.max) return parameter;
  const { min, max, prior } = parameter;
  // Below this, the quantiles lose too many digits.
  if (min < max && !(probabilityWithin(prior, min, max) > 1e-12)) {
    problems.push({ path, message: `the prior gives the range ${min} to ${max} almost no probability` });
  }
  return parameter;
}

function checkSampled(parameter: SampledParameter, path: string, problems: Problem[]): void {
  if (parameter.kind === 'choice') return;
  const { min, max, scale } = parameter;
  if (!Number.isFinite(min) || !Number.isFinite(max))
    problems.push({ path, message: `its bounds ${min} and ${max} are not finite numbers` });
  else if (min > max) problems.push({ path, message: `its lower bound ${min} is above its upper bound ${max}` });
  else if (!Number.isFinite(max - min)) problems.push({ path, message: `its range ${min} to ${max} is too wide for a double` });
  else if (scale === 'log' && min <= 0)
    problems.push({ path, message: `its scale is logarithmic, so its lower bound ${min} must be above 0` });
  else if (scale === 'logit' && !(min > 0 && max < 1))
    problems.push({ path, message: `its scale is logit, so its bounds ${min} and ${max} must be inside (0, 1)` });
}
