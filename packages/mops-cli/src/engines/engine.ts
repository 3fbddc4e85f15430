import type { Attempt, AttemptPlan, AttemptWidth, JobId, JobSpec, Owner } from '@modelops/contracts';

/** Why a worker does not start or died, as the engine reports it: image, quota, scheduling, admission, out of memory. */
export interface EngineProblem {
  readonly reason: string;
  readonly message: string;
}

/** State of the workers of one attempt. Their outputs, not this state, decide which tasks are done. */
export interface EngineView {
  /**
   * `gone`: the engine has no record of this attempt (deleted or expired): its outputs decide. `unknown`: it runs where this engine cannot
   * observe it, or its record cannot be read; `problems` then holds the reason.
   */
  readonly phase: 'waiting' | 'running' | 'ended' | 'gone' | 'unknown';
  /** Where it runs, for display. Only with `unknown`, for an attempt that runs elsewhere. */
  readonly runs_on?: string;
  readonly workers: { readonly active: number; readonly succeeded: number; readonly failed: number };
  readonly problems: readonly EngineProblem[];
}

export interface LogOptions {
  /** One worker; all of them when left out. */
  readonly index?: number | undefined;
  /** The last lines of each worker; all of them when left out. */
  readonly tail?: number | undefined;
}

export interface WorkerLine {
  readonly worker: number;
  /** The log file or pod that the line was read from. Earlier lines of a source never change, but may be deleted. */
  readonly source: string;
  readonly text: string;
  /** True for a last line without a line end: more of it may follow. */
  readonly isUnfinished?: true;
}

/** Number of workers and slots that a command requested. */
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
  start(spec: Pick<JobSpec, 'job_id'>, plan: AttemptPlan): Promise<{ readonly name: string }>;
  /**
   * Sets the number of workers of a running attempt: further indexes start, those from `workers` on stop as in {@link Engine.stop}. An index that was
   * removed can start again later. Returns the number before; the same call again changes nothing.
   * @throws CONFLICT if no worker runs that could go on, or the number cannot be changed
   */
  scale(job: JobId, attempt: AttemptRef, workers: number): Promise<{ readonly before: number }>;
  observe(job: JobId, attempt: AttemptRef): Promise<EngineView>;
  /** Waits until a worker of the attempt ends, or until the time is over. An engine without this method is polled. */
  untilWorkerEnds?(job: JobId, attempt: AttemptRef, milliseconds: number): Promise<void>;
  /** Stops the workers and waits until none is left. Does nothing when they have stopped. */
  stop(job: JobId, attempt: AttemptRef): Promise<void>;
  /** Deletes the records and logs of an attempt whose workers have ended. Does nothing if there are none. */
  forget(job: JobId, attempt: AttemptRef): Promise<void>;
  /** Lines of the workers' logs, one worker after another, as far as they are kept. */
  logs(job: JobId, attempt: AttemptRef, options?: LogOptions): AsyncIterable<WorkerLine>;
}
