import type { JobId, JobState } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { EngineView } from '../engines/engine.ts';
import { lacksManifest, type Repair } from './plan-repair.ts';
import { settleJob } from './settle-job.ts';

export interface SyncReport {
  readonly job: JobId;
  readonly before: JobState['status'];
  readonly status: JobState['status'];
  /** What the engine says of the workers; null where none were started. */
  readonly engine: EngineView['phase'] | null;
  /** What was found to be needed, whether or not it was allowed. */
  readonly repair: Repair;
  /** True for a record from before manifests: it is left as it is. */
  readonly skipped: boolean;
}

/** Compares one job with its engine and does the repair that it needs, where that is allowed. */
export async function syncJob(job: JobId, isAllowed: (repair: Repair) => boolean, opened: OpenEnvironment): Promise<SyncReport> {
  const { registry } = opened.stores;
  const settled = await settleJob(createJob(await registry.spec(job)), await registry.state(job), opened, isAllowed);
  return {
    job,
    before: settled.before,
    status: settled.state.status,
    engine: settled.view?.phase ?? null,
    repair: settled.repair,
    skipped: lacksManifest(settled.state),
  };
}
