import type { Attempt, AttemptPlan, JobId, JobSpec } from '@modelops/contracts';

/** Why a worker does not start or died, in the words of the object that says so: image, quota, scheduling, admission, out of memory. */
export interface EngineProblem {
  readonly reason: string;
  readonly message: string;
}

/** What an engine knows of one attempt. It explains; whether tasks are done is for their outputs to say. */
export interface EngineView {
  /** `gone`: the engine knows nothing of this attempt (deleted, or cleaned up after its time): outputs decide. */
  readonly phase: 'waiting' | 'running' | 'ended' | 'gone';
  readonly workers: { readonly active: number; readonly succeeded: number; readonly failed: number };
  readonly problems: readonly EngineProblem[];
}

export interface LogOptions {
  /** One worker; all of them when left out. */
  readonly index?: number;
  /** The last lines of each worker; all of them when left out. */
  readonly tail?: number;
}

/** What starts the workers of an attempt. */
export interface Engine {
  readonly name: 'local' | 'kubernetes';
  /** How many workers this engine starts by default. */
  readonly defaultWidth: number;
  /** Starts the workers of an attempt; the same call again changes nothing. Returns the engine's own name for it. */
  start(spec: JobSpec, plan: AttemptPlan): Promise<{ readonly name: string }>;
  observe(job: JobId, attempt: Attempt): Promise<EngineView>;
  /** Waits until a worker of the attempt ends, so long at most. An engine without it is looked at now and then. */
  untilWorkerEnds?(job: JobId, attempt: Attempt, milliseconds: number): Promise<void>;
  /** Stops the workers and waits until none is left. Already stopped is fine. */
  stop(job: JobId, attempt: Attempt): Promise<void>;
  /** Clears away what is kept of an attempt whose workers have ended: records, logs. Nothing there is fine. */
  forget(job: JobId, attempt: Attempt): Promise<void>;
  /** Lines of the workers' logs, each prefixed by its worker's index. */
  logs(job: JobId, attempt: Attempt, options?: LogOptions): AsyncIterable<string>;
}
