import { isModelOpsError, type JobSpec, ModelOpsError } from '@modelops/contracts';
import { createJob, type Job, verifyOutputs } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { Rebinding } from '../documents/jobs.ts';
import { bindStudy } from './bind-study.ts';
import { preflight } from './preflight/preflight.ts';
import { chooseBundle, resolveBundle } from './resolve-bundle.ts';

/** A job bound to another bundle. Nothing has been written yet. */
export interface ReboundJob {
  readonly job: Job;
  readonly rebinding: Rebinding;
  /** Pushes the bundle if the registry lacks it. */
  publish(): Promise<void>;
}

/** Binds a job to another bundle, named as in `jobs submit --bundle`. @throws the errors of preflight, with every problem */
export async function rebindJob(
  spec: JobSpec,
  bundleName: string,
  { stores, environment }: Pick<OpenEnvironment, 'stores' | 'environment'>,
  deps: Pick<MopsDeps, 'cwd' | 'home' | 'reporter'>,
): Promise<ReboundJob> {
  const { study, job_id } = spec;
  const options = { ...spec.binding, ...spec };
  const bundle = await resolveBundle(chooseBundle({ bundle: bundleName, build: false, auto: false }), study.targets, { environment }, deps);
  const resolved = forJob(() =>
    preflight({
      study,
      source: job_id,
      manifest: bundle.manifest,
      requested: { targets: [], targetSet: undefined },
      options,
      registryRef: bundle.registryRef,
      environment,
    }),
  );
  const job = createJob(bindStudy(study, resolved, bundle, options));
  return { job, rebinding: await compareBindings(createJob(spec), job, stores), publish: bundle.publish };
}

/** Adapts the hint of a preflight error: a job keeps its study, so a corrected study needs a new job. */
function forJob<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!isModelOpsError(error)) throw error;
    const { code, message, problems, hint } = error;
    const fix = problems.length === 0 && hint !== undefined ? hint : 'correct the study, or use another bundle';
    const next = 'a job keeps its study, so submit the corrected study as a new job; results of the same inputs are reused';
    throw new ModelOpsError(code, message, { problems, cause: error.cause, hint: `${fix}; ${next}` });
  }
}

async function compareBindings(before: Job, after: Job, stores: OpenEnvironment['stores']): Promise<Rebinding> {
  const [from, to] = [before.spec.binding, after.spec.binding];
  const existed = await stores.provenance.existing(before.sims, { relist: true });
  const exists = await stores.provenance.existing(after.sims, { relist: true });
  let tasks = 0;
  for (let task = 0; task < before.tasks.count; task++)
    if (existed.has(before.tasks.idAt(task)) && !exists.has(after.tasks.idAt(task))) tasks++;
  const aggregated = async (job: Job) => {
    let count = 0;
    for (const { row } of (await verifyOutputs(job, stores)).aggregations) if (row !== undefined) count++;
    return count;
  };
  const digests = new Map(to.targets.map(({ name, digest }) => [name, digest]));
  return {
    from: from.bundle_ref,
    to: to.bundle_ref,
    is_model_changed: from.code !== to.code || from.entrypoint !== to.entrypoint,
    changed_targets: from.targets.filter(({ name, digest }) => digests.get(name) !== digest).map(({ name }) => name),
    invalidated: { tasks, aggregations: Math.max(0, (await aggregated(before)) - (await aggregated(after))) },
  };
}
