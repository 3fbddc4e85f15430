import { type ModelDescription, ModelOpsError, type Problem } from '@modelops/contracts';
import type { Design, PointSource, Settings } from '../designs/design.ts';
import { type DesignParameter, planSpace, unknownName } from '../space/parameter-space.ts';
import { type Condition, parseCondition } from '../space/where.ts';
import type { StudyHeader } from '../study/study-text.ts';
import { version } from '../version.ts';
import type { SamplingOptions } from './options.ts';

/** A design with its settings, and the problems of its options that need no parameters. */
export interface ChosenDesign {
  readonly design: Design;
  readonly settings: Settings;
  readonly problems: readonly Problem[];
}

/** The resolved names; an error for a name that could not be resolved. */
export interface SamplingInputs {
  readonly model: string | ModelOpsError;
  readonly description: ModelDescription | ModelOpsError;
  readonly targets: readonly (string | ModelOpsError)[];
}

export interface SamplingPlan {
  readonly header: StudyHeader;
  readonly title: string;
  readonly parameters: readonly DesignParameter[];
  readonly source: PointSource;
  readonly conditions: readonly Condition[];
  /** True if the model has a constraint of its own. */
  readonly isConstrained: boolean;
}

/**
 * Plans the study, except for the rows that conditions will reject. Reads nothing.
 * @throws USAGE listing all problems; a single name that was not found is thrown with its own code.
 */
export function planSampling(
  options: SamplingOptions,
  { model, description, targets }: SamplingInputs,
  { design, settings, problems: ofOptions }: ChosenDesign,
): SamplingPlan {
  const problems: Problem[] = [];
  const errors = new Map<string, ModelOpsError>();
  const unless = <T>(value: T | ModelOpsError, path: string): T | undefined => {
    if (!(value instanceof ModelOpsError)) return value;
    errors.set(path, value);
    return undefined;
  };
  const source = unless(model, 'MODEL');
  const declared = source === undefined ? undefined : unless(description, 'MODEL');
  const targetNames = targets.map((target, at) => unless(target, `--targets[${at}]`) ?? '');
  checkReplicates(options.nReplicates, problems);
  const scenario = scenarioOf(options.scenario, declared, problems);
  const fixed = declared?.fixed?.[scenario] ?? {};
  const parameters = declared === undefined ? undefined : planSpace(declared.parameters, { name: scenario, fixed }, options, problems);
  if (declared !== undefined) checkOutputs(options.outputs, declared.outputs, problems);
  const isConstrained = declared?.constrained === true;
  const conditions = planConditions(options.where, parameters, problems);
  const { method, supports } = design;
  if ((isConstrained || options.where.length > 0) && supports.constraint.is === 'no') {
    const path = options.where.length > 0 ? '--where' : 'MODEL';
    problems.push({ path, message: `${method} does not support constraints: ${supports.constraint.reason}` });
  }
  problems.push(...ofOptions);
  if (parameters !== undefined) design.check(settings, parameters, problems);
  throwIfAny(options.model ?? 'the model', problems, errors);
  const described = {
    method,
    ...settings,
    ...(options.where.length === 0 ? {} : { where: options.where }),
    ...(isConstrained ? { constrained: true } : {}),
    parameters: parameters!,
    tool: 'cb',
    version,
  };
  return {
    header: {
      model: source!,
      scenario,
      sampling_method: method,
      n_replicates: options.nReplicates,
      ...(options.commonSeeds ? { seed_scheme: 'common' as const } : {}),
      outputs: options.outputs.length === 0 ? null : [...new Set(options.outputs)],
      targets: [...new Set(targetNames)],
      metadata: { design: described },
    },
    title: design.title(settings),
    parameters: parameters!,
    source: design.points(settings, parameters!),
    conditions,
    isConstrained,
  };
}

function planConditions(texts: readonly string[], parameters: readonly DesignParameter[] | undefined, problems: Problem[]): Condition[] {
  if (parameters === undefined) return [];
  const names = parameters.map(({ name }) => name);
  return texts.flatMap((text) => parseCondition(text, names, '--where', problems) ?? []);
}

function throwIfAny(model: string, problems: readonly Problem[], errors: ReadonlyMap<string, ModelOpsError>): void {
  const [first, ...others] = errors.values();
  if (problems.length === 0 && first !== undefined && others.length === 0) throw first;
  const found = [...errors].map(([path, { message, hint }]) => ({ path, message: hint === undefined ? message : `${message}; ${hint}` }));
  const all = [...found, ...problems];
  if (all.length === 0) return;
  throw new ModelOpsError(problems.length === 0 ? first!.code : 'USAGE', `cannot design a study of ${model} with these options`, {
    problems: all,
    ...(first === undefined ? {} : { cause: first }),
  });
}

function checkReplicates(n: number, problems: Problem[]): void {
  if (Number.isInteger(n) && n >= 1 && n <= 1_000_000_000) return;
  problems.push({ path: '--n-replicates', message: `${n} is not a whole number from 1 to 1,000,000,000` });
}

function scenarioOf(wanted: string | undefined, model: ModelDescription | undefined, problems: Problem[]): string {
  const scenarios = model?.scenarios ?? [];
  const scenario = wanted ?? (scenarios.length === 1 ? scenarios[0]! : 'baseline');
  if (model !== undefined && !scenarios.includes(scenario))
    problems.push({ path: '--scenario', message: unknownName('scenario', scenario, scenarios) });
  return scenario;
}

function checkOutputs(wanted: readonly string[], outputs: readonly string[], problems: Problem[]): void {
  for (const name of wanted)
    if (!outputs.includes(name)) problems.push({ path: '--outputs', message: unknownName('output', name, outputs) });
}
