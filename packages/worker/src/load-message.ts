import { join } from 'node:path';
import { type BundleManifest, type JobSpec, ModelOpsError, parseSourceName } from '@modelops/contracts';
import type { LoadMessage } from '@modelops/model-host';

/** The load message for the job's hosts, from the bundle extracted at `dir`. @throws BUNDLE_INVALID if the bundle lacks the model or a target */
export function loadMessageOf(
  { study, binding, job_id }: JobSpec,
  { dir, manifest }: { readonly dir: string; readonly manifest: BundleManifest },
): LoadMessage {
  const notInBundle = (what: string) =>
    new ModelOpsError('BUNDLE_INVALID', `bundle ${binding.bundle_ref} of ${job_id} has no ${what}`, {
      hint: `mops jobs resume ${job_id} --bundle …`,
    });
  const model = manifest.models.find(({ source }) => source === study.model);
  if (model === undefined) throw notInBundle(`model ${study.model}`);
  return {
    program: join(dir, model.program),
    exportName: parseSourceName(model.source).exportName,
    scenario: study.scenario,
    config: binding.config,
    outputs: binding.outputs,
    targets: binding.targets.map(({ name, source }) => {
      const target = manifest.targets.find((candidate) => candidate.source === source);
      if (target === undefined) throw notInBundle(`target ${source}`);
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
