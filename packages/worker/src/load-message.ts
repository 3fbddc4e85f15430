import { join } from 'node:path';
import type { LocalBundle } from '@modelops/bundle';
import { filesOf, type JobSpec, ModelOpsError, parseBundleRef, parseSourceName, type RegisteredModel } from '@modelops/contracts';
import { type LoadMessage, SOURCE_MAP } from '@modelops/model-host';
import { BEHAVIOUR_VERSION, TARGET_BEHAVIOUR_VERSION } from '@modelops/sdk/internal';

/** The job's model in its bundle. @throws BUNDLE_INVALID if the bundle lacks it, or was built for another behaviour version of the sdk */
export function modelOf(spec: JobSpec, { manifest }: Pick<LocalBundle, 'manifest'>): RegisteredModel {
  const model = manifest.models.find(({ source }) => source === spec.study.model);
  if (model === undefined) throw notInBundle(spec, `model ${spec.study.model}`);
  checkBehaviour(spec, model, BEHAVIOUR_VERSION);
  const { schema, code, model_digest, bundle_ref } = spec.binding;
  checkDigest(spec, model.source, model.model_digest, model_digest);
  checkDigest(spec, model.source, schema === 'token' ? model.model_digest : parseBundleRef(bundle_ref).digest, code);
  return model;
}

/**
 * The load message for the job's hosts, which run the model in `view`. Targets and their data are read from the bundle's folder; Python programs
 * are named relative to the folder that they run in.
 * @throws BUNDLE_INVALID if the bundle lacks the model or a target
 */
export function loadMessageOf(spec: JobSpec, { dir, manifest, view }: LocalBundle & { readonly view: string }): LoadMessage {
  const { study, binding } = spec;
  const model = modelOf(spec, { manifest });
  const files = new Set(manifest.files.map(({ path }) => path));
  const mapOf = (program: string) => (files.has(`${program}${SOURCE_MAP}`) ? { map: join(dir, `${program}${SOURCE_MAP}`) } : {});
  return {
    ...mapOf(model.program),
    program: model.host === 'python' ? model.program : join(view, model.program),
    source: model.source,
    exportName: parseSourceName(model.source).exportName,
    scenario: study.scenario,
    config: binding.config,
    outputs: binding.outputs,
    targets: binding.targets.map(({ name, source, digest }) => {
      const target = manifest.targets.find((candidate) => candidate.source === source);
      if (target === undefined) throw notInBundle(spec, `target ${source}`);
      checkBehaviour(spec, target, TARGET_BEHAVIOUR_VERSION);
      checkDigest(spec, source, target.target_digest, digest);
      return {
        ...mapOf(target.program),
        name,
        program: target.program.endsWith('.py') ? target.program : join(dir, target.program),
        exportName: parseSourceName(source).exportName,
        files: Object.fromEntries(filesOf(target.description).map((file) => [file, join(dir, file)])),
      };
    }),
  };
}

/** The host provides the sdk, and results are stored under a digest that contains its behaviour version, so the versions must agree. */
function checkBehaviour(
  { binding, job_id }: JobSpec,
  { source, description: { behaviour } }: { readonly source: string; readonly description: { readonly behaviour: number } },
  ours: number,
): void {
  if (behaviour === ours) return;
  const message = `bundle ${binding.bundle_ref} of ${job_id} has ${source} for behaviour version ${behaviour} of the sdk; this worker has ${ours}`;
  throw new ModelOpsError('BUNDLE_INVALID', message, {
    hint: behaviour < ours ? 'push the bundle again, then submit again' : 'use workers of a newer version',
  });
}

/** Results are stored under the digest in the job's spec, so it must be the digest of the files that run. */
function checkDigest({ binding, job_id }: JobSpec, source: string, actual: string, bound: string): void {
  if (actual === bound) return;
  throw new ModelOpsError('BUNDLE_INVALID', `${job_id} expects ${source} with ${bound}; bundle ${binding.bundle_ref} has ${actual}`, {
    hint: 'submit the study again',
  });
}

function notInBundle({ binding, job_id }: JobSpec, what: string): ModelOpsError {
  return new ModelOpsError('BUNDLE_INVALID', `bundle ${binding.bundle_ref} of ${job_id} has no ${what}`, {
    hint: `mops jobs resume ${job_id} --bundle …`,
  });
}
