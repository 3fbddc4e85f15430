import { type JobSpec, jobSpecSchema } from '@modelops/contracts';
import { newJobId } from '../job-id.ts';

export const START = Date.parse('2026-03-01T12:00:00.000Z');
export const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** A job of one parameter set, created at that time, in milliseconds. */
export function specAt(
  at: number,
  change: { readonly random?: number; readonly name?: string; readonly labels?: Readonly<Record<string, string>> } = {},
): JobSpec {
  const { random = 0.5, name = 'sweep', labels = {} } = change;
  return jobSpecSchema.parse({
    schema_version: 1,
    job_id: newJobId(new Date(at), () => random),
    created_at: new Date(at).toISOString(),
    name,
    labels,
    study: { model: 'models/seir.ts:SEIR', parameter_sets: [{ beta: 0.3 }], n_replicates: 6 },
    binding: {
      bundle_ref: `epi@${DIGEST}`,
      bundle_digest: DIGEST,
      model_digest: DIGEST,
      entrypoint: 'models.seir.SEIR/baseline',
      code: DIGEST,
      targets: [],
      outputs: ['prevalence'],
    },
  });
}
