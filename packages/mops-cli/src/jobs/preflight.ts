import {
  type BundleManifest,
  type ErrorCode,
  isSeeded,
  ModelOpsError,
  nearestName,
  type ParamValues,
  type Problem,
  type RegisteredModel,
  type RegisteredTarget,
  type SimulationStudy,
} from '@modelops/contracts';

/** The model and targets of a study, as its bundle registers them. */
export interface ResolvedStudy {
  readonly model: RegisteredModel;
  readonly targets: readonly RegisteredTarget[];
}

interface Finding extends Problem {
  readonly code: ErrorCode;
  readonly hint: string;
}

const PROBLEMS_NAMED = 50;

/**
 * Finds the study's model and targets in the bundle and checks that it can run. Reads nothing.
 * @throws one error with every problem: MODEL_NOT_FOUND or TARGET_NOT_FOUND where that is the only kind, otherwise PREFLIGHT_FAILED.
 */
export function preflight(study: SimulationStudy, manifest: BundleManifest, source: string): ResolvedStudy {
  const findings: Finding[] = [];
  const model = manifest.models.find((candidate) => candidate.source === study.model);
  if (model === undefined) findings.push(unregistered('model', study.model, manifest.models));
  else findings.push(...checkModel(study, model));
  const targets = study.targets.flatMap((name, at) => {
    const target = findTarget(name, manifest.targets);
    if (target === undefined) findings.push({ ...unregistered('target', name, manifest.targets), path: `targets[${at}]` });
    else if (model !== undefined) findings.push(...checkTarget(target, study, model, at));
    return target ?? [];
  });
  if (model === undefined || findings.length > 0) throw refusal(findings, source);
  return { model, targets };
}

function refusal(findings: readonly Finding[], source: string): ModelOpsError {
  const codes = new Set(findings.map(({ code }) => code));
  const [code] = codes.size === 1 ? codes : ['PREFLIGHT_FAILED' as const];
  const [only] = findings;
  if (findings.length === 1) return new ModelOpsError(code!, `${source}: ${only!.path}: ${only!.message}`, { hint: only!.hint });
  const problems = findings.slice(0, PROBLEMS_NAMED).map(({ path, message }) => ({ path, message }));
  return new ModelOpsError(code!, `${source} cannot run: ${findings.length} problems`, { problems, hint: only!.hint });
}

function unregistered(noun: 'model' | 'target', name: string, known: readonly { readonly source: string }[]): Finding {
  const near = nearestName(
    name,
    known.map(({ source }) => source),
  );
  return {
    code: noun === 'model' ? 'MODEL_NOT_FOUND' : 'TARGET_NOT_FOUND',
    path: noun === 'model' ? 'model' : 'targets',
    message: `${noun} ${name} is not registered in the bundle${near === undefined ? '' : `; did you mean ${near}?`}`,
    hint: `modelops-bundle register-${noun} ${name}`,
  };
}

/** By its source, or by import path (`targets.prevalence:name`, as the documents write it). */
function findTarget(name: string, targets: readonly RegisteredTarget[]): RegisteredTarget | undefined {
  const asPath = (source: string) => source.replace(/\.[a-z]+:/, ':').replaceAll('/', '.');
  return targets.find(({ source }) => source === name) ?? targets.find(({ source }) => asPath(source) === asPath(name));
}

function checkModel(study: SimulationStudy, { description }: RegisteredModel): Finding[] {
  const findings: Finding[] = [];
  const report = (path: string, message: string) =>
    findings.push({ code: 'PREFLIGHT_FAILED', path, message, hint: 'write the study again with cb sampling …' });
  if (!description.scenarios.includes(study.scenario))
    report('scenario', `the model has no scenario ${study.scenario}; it has ${description.scenarios.join(', ')}`);
  for (const output of study.outputs ?? []) {
    if (!description.outputs.includes(output))
      report('outputs', `the model has no output ${output}; it has ${description.outputs.join(', ')}`);
  }
  const names = description.parameters.map(({ name }) => name);
  study.parameter_sets.forEach((entry, at) => {
    if (findings.length >= PROBLEMS_NAMED) return;
    const values = isSeeded(entry) ? entry.params : (entry as ParamValues);
    for (const name of Object.keys(values)) {
      if (names.includes(name)) continue;
      const near = nearestName(name, names);
      report(`parameter_sets[${at}].${name}`, `the model has no parameter ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
    }
    const lacking = description.parameters.filter(({ name, default: byDefault }) => !(name in values) && byDefault === undefined);
    for (const { name } of lacking) report(`parameter_sets[${at}]`, `parameter ${name} of the model has no value`);
  });
  return findings;
}

function checkTarget({ source, description }: RegisteredTarget, study: SimulationStudy, model: RegisteredModel, at: number): Finding[] {
  const path = `targets[${at}]`;
  const hint = 'a target reads an output that the study keeps';
  if (!model.description.outputs.includes(description.output))
    return [{ code: 'PREFLIGHT_FAILED', path, message: `${source} reads output ${description.output}, which the model lacks`, hint }];
  if (study.outputs !== null && !study.outputs.includes(description.output))
    return [{ code: 'PREFLIGHT_FAILED', path, message: `${source} reads output ${description.output}, which outputs leaves out`, hint }];
  return [];
}
