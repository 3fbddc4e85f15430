import {
  type Binding,
  type BoundTarget,
  type BundleManifest,
  type Digest,
  digestOf,
  entrypointOf,
  formatBundleRef,
  type JobSpec,
  type JobState,
  type ParameterType,
  parseBundleRef,
  parseSourceName,
  type SimulationStudy,
} from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import type { ResolvedStudy } from './preflight/preflight.ts';

/** A bundle that a study may be bound to. */
export interface BoundBundle {
  readonly ref: string;
  readonly digest: Digest;
  readonly manifest: BundleManifest;
}

export type BindOptions = Pick<JobSpec, 'job_id' | 'created_at' | 'name' | 'labels'> &
  Pick<Binding, 'schema' | 'config' | 'timeout_s' | 'memory_mib' | 'max_attempts' | 'min_replicates'>;

/** The job's spec: the study with the bundle's names, and everything that a worker needs of the bundle. Pure. */
export function bindStudy(study: SimulationStudy, { model, targets }: ResolvedStudy, bundle: BoundBundle, options: BindOptions): JobSpec {
  const { job_id, created_at, name, labels, schema, config, timeout_s, memory_mib, max_attempts, min_replicates } = options;
  const bound_targets = boundTargets(targets);
  const target_sets = coveredSets(targets, bound_targets, bundle.manifest);
  const binding: Binding = {
    bundle_ref: formatBundleRef(parseBundleRef(bundle.ref)),
    bundle_digest: bundle.digest,
    model_digest: model.model_digest,
    entrypoint: entrypointOf(study.model, study.scenario),
    code: schema === 'token' ? model.model_digest : bundle.digest,
    schema,
    targets: bound_targets,
    ...(Object.keys(target_sets).length === 0 ? {} : { target_sets }),
    parameters: model.description.parameters.map((parameter) => ({ name: parameter.name, type: typeOfParameter(parameter) })),
    outputs: [...(study.outputs ?? model.description.outputs)].sort(),
    config,
    timeout_s,
    memory_mib,
    max_attempts,
    min_replicates,
  };
  const bound: SimulationStudy = {
    ...study,
    model: model.source,
    targets: targets.map(({ source }) => source),
    parameter_sets: completeSets(study, model),
  };
  return { schema_version: 1, job_id, created_at, name, labels, study: bound, binding };
}

/** The number of outputs that a job expects, and the digest of what determines them: its record holds no list. */
export function outputTotals({ tasks, spec }: Job): NonNullable<JobState['expected_outputs']> {
  return {
    simulations: tasks.count,
    aggregations: tasks.groupCount * spec.binding.targets.length,
    digest: digestOf(JSON.stringify(spec)),
  };
}

function typeOfParameter(parameter: ResolvedStudy['model']['description']['parameters'][number]): ParameterType {
  if (parameter.kind !== 'choice') return parameter.kind;
  const kinds = new Set(parameter.values.map((value) => typeof value));
  if (kinds.size > 1) return 'text';
  return kinds.has('number') ? 'float' : kinds.has('boolean') ? 'bool' : 'text';
}

/** Names each target by its export; by its import path too if two targets have the same export name. */
function boundTargets(targets: ResolvedStudy['targets']): BoundTarget[] {
  const names = targets.map(({ source }) => parseSourceName(source));
  return targets.map(({ source, target_digest, description }, at) => {
    const { exportName, importPath } = names[at]!;
    const isShared = names.some((other, k) => k !== at && other.exportName === exportName);
    const { output, outputs } = description;
    const name = isShared ? `${importPath}.${exportName}` : exportName;
    return { name, source, digest: target_digest, output, ...(outputs === undefined ? {} : { outputs }) };
  });
}

/** The target sets whose targets the job evaluates completely, with the weight of each target: from the set, otherwise from the target. */
function coveredSets(
  targets: ResolvedStudy['targets'],
  bound: readonly BoundTarget[],
  { target_sets = {}, target_set_weights = {} }: BundleManifest,
): NonNullable<Binding['target_sets']> {
  const sets = Object.entries(target_sets).flatMap(([set, members]) => {
    const places = members.map((source) => targets.findIndex((target) => target.source === source));
    if (places.includes(-1)) return [];
    const weightOf = (at: number) => target_set_weights[set]?.[targets[at]!.source] ?? targets[at]!.description.weight ?? 1;
    return [[set, Object.fromEntries(places.map((at) => [bound[at]!.name, weightOf(at)]))] as const];
  });
  return Object.fromEntries(sets);
}

/** Adds values that a parameter set omits: the model's defaults and the values that the scenario fixes. */
function completeSets(study: SimulationStudy, { description }: ResolvedStudy['model']): SimulationStudy['parameter_sets'] {
  const defaults = Object.fromEntries(
    description.parameters.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
  );
  const fixed = description.fixed?.[study.scenario] ?? {};
  if (Object.keys(defaults).length + Object.keys(fixed).length === 0) return study.parameter_sets;
  return study.parameter_sets.map(
    (entry) =>
      ('params' in entry && 'seed' in entry && typeof entry.params === 'object'
        ? { ...entry, params: { ...defaults, ...entry.params, ...fixed } }
        : { ...defaults, ...entry, ...fixed }) as typeof entry,
  );
}
