import type { JobId, JobState } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { SyncReport } from '../documents/jobs.ts';
import { lacksManifest, type Repair } from './plan-repair.ts';
import { settleJob } from './settle-job.ts';

export interface SyncOptions {
  readonly isAllowed: (repair: Repair) => boolean;
  /** First makes this machine and engine the owner, for a job whose owner no longer exists. */
  readonly takeOver: boolean;
}

/** Compares one job with its engine and makes the repair that it needs, if allowed. */
export async function syncJob(id: JobId, { isAllowed, takeOver }: SyncOptions, opened: OpenEnvironment): Promise<SyncReport> {
  const { registry } = opened.stores;
  const job = createJob(await registry.spec(id));
  const before = await registry.state(id);
  const found = takeOver ? await takeOverJob(id, opened) : before;
  const { state, view, repair, submittedElsewhere } = await settleJob(job, found, opened, isAllowed);
  return {
    job: id,
    before: before.status,
    status: state.status,
    engine: view?.phase ?? null,
    repair,
    skipped: lacksManifest(state),
    elsewhere: view?.runs_on ?? submittedElsewhere ?? null,
  };
}

/** If the former submitter or workers are still alive, they detect the new owner and stop. */
async function takeOverJob(id: JobId, { stores, engine, machine }: OpenEnvironment): Promise<JobState> {
  const owned = await stores.registry.takeOver(id, { submitter: machine, owner: await engine.owner(), engine: engine.name });
  // Taking over renewed the record; only a renewal by its submitter counts.
  return { ...owned, updated_at: new Date(0).toISOString() };
}
