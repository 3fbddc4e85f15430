import { join } from 'node:path';
import { type BundleManifest, type JobSpec, ModelOpsError, parseSourceName, type RegisteredModel } from '@modelops/contracts';
import type { LoadMessage } from '@modelops/model-host';

interface JobBundle {
  /** Folder of the bundle's files. */
  readonly dir: string;
  readonly manifest: BundleManifest;
}

/** The job's model in its bundle. @throws BUNDLE_INVALID if the bundle lacks it */
export function modelOf(spec: JobSpec, { manifest }: Pick<JobBundle, 'manifest'>): RegisteredModel {
  const model = manifest.models.find(({ source }) => source === spec.study.model);
  if (model === undefined) throw notInBundle(spec, `model ${spec.study.model}`);
  return model;
}

/**
 * The load message for the job's hosts, which run the model in `view`. Targets and their data are read from the bundle's folder.
 * @throws BUNDLE_INVALID if the bundle lacks the model or a target
 */
export function loadMessageOf(spec: JobSpec, { dir, manifest, view }: JobBundle & { readonly view: string }): LoadMessage {
  const { study, binding } = spec;
  const model = modelOf(spec, { manifest });
  return {
    program: join(view, model.program),
    source: model.source,
    exportName: parseSourceName(model.source).exportName,
    scenario: study.scenario,
    config: binding.config,
    outputs: binding.outputs,
    targets: binding.targets.map(({ name, source }) => {
      const target = manifest.targets.find((candidate) => candidate.source === source);
      if (target === undefined) throw notInBundle(spec, `target ${source}`);
      const { data } = target.description;
      return {
        name,
        program: join(dir, target.program),
        exportName: parseSourceName(source).exportName,
        data: data === null ? null : join(dir, data),
      };
    }),
  };
}

function notInBundle({ binding, job_id }: JobSpec, what: string): ModelOpsError {
  return new ModelOpsError('BUNDLE_INVALID', `bundle ${binding.bundle_ref} of ${job_id} has no ${what}`, {
    hint: `mops jobs resume ${job_id} --bundle …`,
  });
}
