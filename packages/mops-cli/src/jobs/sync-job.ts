import type { JobId } from '@modelops/contracts';
import { createJob, type Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { SyncReport } from '../documents/jobs.ts';
import { lacksManifest, type Repair } from './plan-repair.ts';
import { type Settled, settleJob } from './settle-job.ts';

export interface SyncOptions {
  readonly isAllowed: (repair: Repair) => boolean;
  /** First makes this machine and engine the owner, for a job whose owner no longer exists. */
  readonly takeOver: boolean;
}

/** Compares one job with its engine and makes the repair that it needs, if allowed. */
export async function syncJob(id: JobId, { isAllowed, takeOver }: SyncOptions, opened: OpenEnvironment): Promise<SyncReport> {
  const { registry } = opened.stores;
  const job = createJob(await registry.spec(id));
  const settled = takeOver ? await takeOverJob(job, opened, isAllowed) : await settleJob(job, await registry.state(id), opened, isAllowed);
  return {
    job: id,
    before: settled.before,
    status: settled.state.status,
    engine: settled.view?.phase ?? null,
    repair: settled.repair,
    skipped: lacksManifest(settled.state),
    elsewhere: settled.view?.runs_on ?? settled.submittedElsewhere ?? null,
  };
}

/** If the former submitter or workers are still alive, they detect the new owner and stop. */
async function takeOverJob(job: Job, opened: OpenEnvironment, isAllowed: SyncOptions['isAllowed']): Promise<Settled> {
  const { stores, engine, machine } = opened;
  const before = await stores.registry.state(job.id);
  const owned = await stores.registry.takeOver(job.id, { submitter: machine, owner: await engine.owner(), engine: engine.name });
  // Taking over renewed the record; only a renewal by its submitter counts.
  const settled = await settleJob(job, { ...owned, updated_at: new Date(0).toISOString() }, opened, isAllowed);
  return { ...settled, before: before.status };
}
