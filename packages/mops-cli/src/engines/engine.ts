import type { Attempt, AttemptPlan, AttemptWidth, JobId, JobSpec, Owner } from '@modelops/contracts';

/** Why a worker does not start or died, as the engine reports it: image, quota, scheduling, admission, out of memory. */
export interface EngineProblem {
  readonly reason: string;
  readonly message: string;
}

/** What is known of the workers of one attempt. Whether tasks are done is decided by their outputs. */
export interface EngineView {
  /**
   * `gone`: the engine has no trace of this attempt (deleted, or cleaned up after its time): outputs decide. `unknown`: it runs elsewhere, where
   * this engine cannot see it, or its record cannot be read, which is a problem then.
   */
  readonly phase: 'waiting' | 'running' | 'ended' | 'gone' | 'unknown';
  /** Where it runs, for people; with `unknown` only, when that is elsewhere. */
  readonly runs_on?: string;
  readonly workers: { readonly active: number; readonly succeeded: number; readonly failed: number };
  readonly problems: readonly EngineProblem[];
}

export interface LogOptions {
  /** One worker; all of them when left out. */
  readonly index?: number;
  /** The last lines of each worker; all of them when left out. */
  readonly tail?: number;
}

export interface WorkerLine {
  readonly worker: number;
  /** What the line was read from, as a part of a log or a pod; what was read from it before is not changed, but may be gone. */
  readonly source: string;
  readonly text: string;
  /** True for a last line without its end: more of it may follow. */
  readonly isUnfinished?: true;
}

/** What a command requested of workers and slots. */
export interface RequestedWidth {
  readonly workers?: number | undefined;
  readonly slots?: number | undefined;
}

/** Which attempt of a job. */
export type AttemptRef = Pick<Attempt, 'n'>;

/** What starts the workers of an attempt. */
export interface Engine {
  readonly name: 'local' | 'kubernetes';
  /** Who owns the attempts that this engine starts. */
  owner(): Promise<Owner>;
  /** The width of an attempt, with this engine's defaults for what was not requested. */
  widthOf(requested: RequestedWidth): AttemptWidth;
  /** Starts the workers of an attempt; the same call again changes nothing. Returns the engine's own name for it. */
  start(spec: JobSpec, plan: AttemptPlan): Promise<{ readonly name: string }>;
  observe(job: JobId, attempt: AttemptRef): Promise<EngineView>;
  /** Waits until a worker of the attempt ends, or for so long. An engine without it is polled. */
  untilWorkerEnds?(job: JobId, attempt: AttemptRef, milliseconds: number): Promise<void>;
  /** Stops the workers and waits until none is left. Does nothing when they have stopped. */
  stop(job: JobId, attempt: AttemptRef): Promise<void>;
  /** Deletes what is kept of an attempt whose workers have ended: records, logs. Does nothing when there is nothing. */
  forget(job: JobId, attempt: AttemptRef): Promise<void>;
  /** Lines of the workers' logs, one worker after another, as far as they are kept. */
  logs(job: JobId, attempt: AttemptRef, options?: LogOptions): AsyncIterable<WorkerLine>;
}
