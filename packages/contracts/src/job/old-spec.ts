import { parseBundleRef } from '../identity/bundle-ref.ts';
import { entrypointOf } from '../identity/entrypoint.ts';
import type { JobId } from '../identity/ids.ts';
import { type ParseContext, parseValue } from '../parsing.ts';
import { readOldJob } from './old-job.ts';
import { type JobSpec, jobSpecSchema } from './spec.ts';

/**
 * The spec of a job that the original Python system registered. Its results are addressed by bundle. It does not name the outputs of its model, so
 * no worker can run it until it is bound again, see {@link isRunnable}. @throws the context's code
 */
export function readOldSpec(
  value: object,
  { job_id, created_at }: { readonly job_id: JobId; readonly created_at: string },
  context: ParseContext,
): { readonly spec: JobSpec; readonly warnings: readonly string[] } {
  const { study, bundleRef, config, warnings } = readOldJob(value, context);
  const { model, scenario } = study as { readonly model: string; readonly scenario: string };
  const { digest } = parseBundleRef(bundleRef ?? '');
  const binding = {
    bundle_ref: bundleRef,
    bundle_digest: digest,
    model_digest: digest,
    entrypoint: entrypointOf(model, scenario),
    code: digest,
    schema: 'bundle',
    targets: [],
    outputs: [],
    config,
  };
  return { spec: parseValue({ schema_version: 1, job_id, created_at, study, binding }, jobSpecSchema, context), warnings };
}

/** False for a job of an older version, which names no outputs: `mops jobs resume JOB --bundle …` binds it again. */
export function isRunnable({ binding }: Pick<JobSpec, 'binding'>): boolean {
  return binding.outputs.length > 0;
}
