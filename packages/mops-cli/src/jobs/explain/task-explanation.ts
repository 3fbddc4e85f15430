import type { TaskError } from '@modelops/model-host';

/** Who took a chunk up. */
export interface ChunkClaim {
  readonly index: number;
  readonly host: string;
  readonly at: string;
}

/** Why a task of a job has a result, or none. */
export type TaskExplanation =
  | { readonly state: 'exists'; readonly source: 'computed' | 'reused' | null }
  /** It has a result whose outputs were deleted. */
  | { readonly state: 'evicted'; readonly source: 'computed' | 'reused' | null }
  | { readonly state: 'failed'; readonly error: TaskError; readonly at: string; readonly duration_ms: number; readonly by_job: string }
  /** The pack that held it was found to be bad and was set aside. */
  | { readonly state: 'quarantined'; readonly pack: string }
  /** The pack that holds it is damaged; a validation will quarantine it. */
  | { readonly state: 'damaged'; readonly pack: string }
  /** It was there: computed by this job, or found when it was submitted. The pack is gone. */
  | { readonly state: 'lost'; readonly packs: readonly string[]; readonly source: 'computed' | 'reused' }
  | { readonly state: 'running'; readonly attempt: number; readonly chunk: number; readonly claim: ChunkClaim }
  | { readonly state: 'waiting'; readonly attempt: number; readonly chunk: number }
  /** The job ended before a worker came to it, or while one was at its chunk. */
  | { readonly state: 'not_run'; readonly attempt: number | null; readonly claim: ChunkClaim | null }
  | { readonly state: 'not_in_job'; readonly reason: string };
