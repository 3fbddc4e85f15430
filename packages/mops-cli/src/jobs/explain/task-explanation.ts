import type { TaskError } from '@modelops/model-host';
import type { TaskRun } from '../../repro/task-run.ts';
import type { TaskDescription } from '../describe-task.ts';

/** The worker that claimed a chunk. */
export interface ChunkClaim {
  readonly index: number;
  readonly host: string;
  readonly at: string;
}

/** Why a task of a job has a result or not. */
export type TaskExplanation =
  | { readonly state: 'exists'; readonly source: 'computed' | 'reused' | null }
  /** It has a result whose outputs were deleted. */
  | { readonly state: 'evicted'; readonly source: 'computed' | 'reused' | null }
  | { readonly state: 'failed'; readonly error: TaskError; readonly at: string; readonly duration_ms: number; readonly by_job: string }
  /** The pack that held it was damaged and moved to quarantine. */
  | { readonly state: 'quarantined'; readonly pack: string }
  /** The pack that holds it is damaged; validation will quarantine it. */
  | { readonly state: 'damaged'; readonly pack: string }
  /** It existed: computed by this job, or reused at submission. The pack was deleted. */
  | { readonly state: 'lost'; readonly packs: readonly string[]; readonly source: 'computed' | 'reused' }
  | { readonly state: 'running'; readonly attempt: number; readonly chunk: number; readonly claim: ChunkClaim }
  | { readonly state: 'waiting'; readonly attempt: number; readonly chunk: number }
  /** The job ended before a worker claimed or finished its chunk. */
  | { readonly state: 'not_run'; readonly attempt: number | null; readonly claim: ChunkClaim | null }
  | { readonly state: 'not_in_job'; readonly reason: string };

/** A task of a job, and why it has a result or not. */
export interface ExplainReport {
  readonly job: string;
  readonly task: TaskDescription | null;
  readonly explanation: TaskExplanation;
  /** The outcome of running it here, if requested. */
  readonly run: TaskRun | null;
}
