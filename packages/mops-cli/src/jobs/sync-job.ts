import type { JobId, JobState } from '@modelops/contracts';
import { createJob, type Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { EngineView } from '../engines/engine.ts';
import { lacksManifest, type Repair } from './plan-repair.ts';
import { type Settled, settleJob } from './settle-job.ts';

export interface SyncReport {
  readonly job: JobId;
  readonly before: JobState['status'];
  readonly status: JobState['status'];
  /** What the engine reports of the workers; null where none were started. */
  readonly engine: EngineView['phase'] | null;
  /** What the job needs, whether or not it was allowed. */
  readonly repair: Repair;
  /** True for a record from before manifests: it is left as it is. */
  readonly skipped: boolean;
  /** Where it runs or is being submitted, when that is not here. */
  readonly elsewhere: string | null;
}

export interface SyncOptions {
  readonly isAllowed: (repair: Repair) => boolean;
  /** Makes this machine and engine the owner first: for a job whose own owner is gone for good. */
  readonly takeOver: boolean;
}

/** Compares one job with its engine and does the repair that it needs, where that is allowed. */
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

/** The submitter or the workers elsewhere, should they live after all, find that the job is no longer theirs and stop. */
async function takeOverJob(job: Job, opened: OpenEnvironment, isAllowed: SyncOptions['isAllowed']): Promise<Settled> {
  const { stores, engine, machine } = opened;
  const before = await stores.registry.state(job.id);
  const owned = await stores.registry.takeOver(job.id, { submitter: machine, owner: await engine.owner(), engine: engine.name });
  // The record was renewed just now; what counts is when its submitter last did that.
  const settled = await settleJob(job, { ...owned, updated_at: new Date(0).toISOString() }, opened, isAllowed);
  return { ...settled, before: before.status };
}
