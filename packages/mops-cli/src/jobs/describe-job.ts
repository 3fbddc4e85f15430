import { isTerminal, type JobId, keys } from '@modelops/contracts';
import { createJob, explainFailures, readDones } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { JobReport } from '../documents/jobs.ts';
import { problemsOfLast } from './observe-job.ts';
import { diagnoseJob } from './settle-job.ts';
import { locationOf, shownAttempt, shownMissing } from './shown-state.ts';
import { createProgressReader } from './wait-job.ts';

/** Returns everything that `status` shows of a job. Writes nothing. Later calls read only new records. */
export function createJobDescriber(opened: OpenEnvironment): (id: JobId) => Promise<JobReport> {
  const describers = new Map<JobId, () => Promise<JobReport>>();
  return (id) => {
    const describe = describers.get(id) ?? createDescriber(id, opened);
    describers.set(id, describe);
    return describe();
  };
}

function createDescriber(id: JobId, opened: OpenEnvironment): () => Promise<JobReport> {
  const { stores, environment, name } = opened;
  const progressOf = createProgressReader(id, opened);
  const countComputed = createDoneCounter(id, stores);
  return async () => {
    const spec = await stores.registry.spec(id);
    const job = createJob(spec);
    const { state, view, repair, submittedElsewhere } = await diagnoseJob(await stores.registry.state(id), opened);
    const lacks = isTerminal(state.status) && state.tasks_verified < state.tasks_total;
    const failures = lacks ? (await explainFailures(job, stores)).byCause : [];
    const computed = await countComputed();
    return {
      job: id,
      status: state.status,
      name: state.name,
      environment: name,
      bundle_ref: spec.binding.bundle_ref,
      model: spec.study.model,
      scenario: spec.study.scenario,
      targets: spec.binding.targets.map(({ name }) => name),
      created_at: state.created_at,
      updated_at: state.updated_at,
      progress: await progressOf(state),
      missing: shownMissing(state),
      has_manifest: state.expected_outputs !== null,
      attempts: state.attempts.map(shownAttempt),
      engine: view ?? null,
      repair,
      elsewhere: view?.runs_on ?? submittedElsewhere ?? null,
      failures,
      stopped_by: lacks ? await problemsOfLast(state, opened.engine) : [],
      computed,
      reused: isTerminal(state.status) ? Math.max(0, state.tasks_verified - computed) : 0,
      error: state.error ?? state.last_validation_error,
      results:
        isTerminal(state.status) && state.validation_completed_at !== null ? locationOf(environment.storage, keys.results(id)) : null,
    };
  };
}

/** Counts the tasks that a job's attempts computed, from the `done` records of their chunks; later calls read only new records. */
function createDoneCounter(id: JobId, stores: OpenEnvironment['stores']): () => Promise<number> {
  const counted = new Set<string>();
  let total = 0;
  return async () => {
    for await (const { computed } of readDones(id, stores, { seen: counted })) total += computed;
    return total;
  };
}
