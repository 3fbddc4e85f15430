import { createJobTasks, digestOf, type JobSpec, jobSpecSchema, type PackAddress } from '@modelops/contracts';
import { NOW } from '../../packs/testing/packs.ts';

/** A job with two replicates per parameter set. */
export function specOf(job: string, betas: readonly number[], scenario = 'baseline'): JobSpec {
  const digest = digestOf('model');
  return jobSpecSchema.parse({
    schema_version: 1,
    job_id: job,
    created_at: new Date(NOW).toISOString(),
    study: { model: 'models/seir.ts:SEIR', scenario, parameter_sets: betas.map((beta) => ({ beta })), n_replicates: 2 },
    binding: {
      bundle_ref: `team/epi@${digestOf('bundle')}`,
      bundle_digest: digestOf('bundle'),
      model_digest: digest,
      entrypoint: `models.seir.SEIR/${scenario}`,
      code: digest,
      targets: [],
      outputs: ['prevalence'],
    },
  });
}

export const addressOf = ({ binding: { schema, code, entrypoint } }: JobSpec): PackAddress => ({
  schema,
  kind: 'sims',
  code,
  name: entrypoint,
});
export const idsOf = ({ study, binding }: JobSpec) => {
  const tasks = createJobTasks(study, binding);
  return Array.from({ length: tasks.count }, (_, at) => tasks.idAt(at));
};
