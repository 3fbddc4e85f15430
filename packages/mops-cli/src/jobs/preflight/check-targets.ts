import {
  type BundleManifest,
  findRegistered,
  outputsOf,
  type RegisteredModel,
  type RegisteredTarget,
  type SimulationStudy,
} from '@modelops/contracts';
import { type Finding, failed, orNear, unregistered } from './finding.ts';

/** The targets named by a submission, which replace those of the study. */
export interface RequestedTargets {
  readonly targets: readonly string[];
  readonly targetSet: string | undefined;
}

/** The name of a target, and where it was given: `targets[0]` of the study, or the flag. */
interface NamedTarget {
  readonly name: string;
  readonly path: string;
}

/** A target as the bundle registers it, and where it was given. */
export interface ResolvedTarget {
  readonly target: RegisteredTarget;
  readonly path: string;
}

/** The targets to evaluate, as the bundle registers them, each once. */
export function resolveTargets(
  study: SimulationStudy,
  requested: RequestedTargets,
  manifest: BundleManifest,
): { readonly targets: ResolvedTarget[]; readonly findings: readonly Finding[] } {
  const { named, findings } = namedTargets(study, requested, manifest);
  const targets = new Map<RegisteredTarget, string>();
  for (const { name, path } of named) {
    const target = findRegistered(name, manifest.targets, manifest.files);
    if (target === undefined) findings.push(unregistered('target', path, name, manifest.targets));
    else if (!targets.has(target)) targets.set(target, path);
  }
  return { targets: [...targets].map(([target, path]) => ({ target, path })), findings };
}

function namedTargets(
  study: SimulationStudy,
  { targets, targetSet }: RequestedTargets,
  { target_sets: sets = {} }: BundleManifest,
): { readonly named: readonly NamedTarget[]; readonly findings: Finding[] } {
  if (targets.length === 0 && targetSet === undefined)
    return { named: study.targets.map((name, at) => ({ name, path: `targets[${at}]` })), findings: [] };
  const named: NamedTarget[] = targets.map((name) => ({ name, path: '--target' }));
  if (targetSet === undefined) return { named, findings: [] };
  const members = Object.hasOwn(sets, targetSet) ? sets[targetSet]! : undefined;
  if (members !== undefined)
    return { named: [...named, ...members.map((name) => ({ name, path: `--target-set ${targetSet}` }))], findings: [] };
  const known = Object.keys(sets);
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  const message = `the bundle has no target set ${targetSet}${orNear(targetSet, known) || `; ${has}`}`;
  const fix = `modelops-bundle register-target targets/NAME.ts:EXPORT --set ${targetSet}`;
  return { named, findings: [{ code: 'TARGET_NOT_FOUND', path: '--target-set', message, fix }] };
}

/** Checks that each target reads an output that the model has and the study keeps. */
export function checkTargets(targets: readonly ResolvedTarget[], study: SimulationStudy, { description }: RegisteredModel): Finding[] {
  const read = targets.flatMap(({ target, path }) =>
    outputsOf(target.description).map((output) => ({ source: target.source, path, output })),
  );
  return read.flatMap(({ source, path, output }): Finding[] => {
    const reads = `${source} reads output ${output}, which`;
    if (!description.outputs.includes(output))
      return [failed(path, `${reads} the model lacks; it has ${description.outputs.join(', ')}`, 'remove the target')];
    const isLeftOut = study.outputs !== null && !study.outputs.includes(output);
    return isLeftOut ? [failed(path, `${reads} is not in outputs`, `add ${output} to outputs`)] : [];
  });
}
