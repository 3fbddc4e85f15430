import type { Evaluation, LoadMessage, OutputTables, RanMessage, RunMessage } from './messages.ts';
import type { TaskError } from './task-error.ts';

/** How a host ended before it answered: a batch that was with it must be tried on another. */
export class HostLost extends Error {
  override readonly name = 'HostLost';
  readonly reason: TaskError;
  /** True for a question that the host had not begun: another one was its end. */
  readonly isBystander: boolean;
  constructor(reason: TaskError, { isBystander = false }: { readonly isBystander?: boolean } = {}) {
    super(reason.message);
    this.reason = reason;
    this.isBystander = isBystander;
  }
}

/** A program that could not be loaded: every task would meet the same. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';
  readonly reason: TaskError;
  constructor(reason: TaskError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** A warm process that runs one model's tasks. Calls are answered in order; more than one may be under way. */
export interface ModelHost {
  /** Resident memory of the process, bytes; 0 when unknown. */
  residentBytes(): number;
  /** @throws HostLost */
  run(batch: RunMessage): Promise<RanMessage>;
  /** @throws HostLost */
  evaluate(target: string, outputs: OutputTables): Promise<Evaluation>;
  /** Ends the process with its whole group. What is under way is lost, with the reason where one is given. */
  kill(reason?: TaskError): Promise<void>;
}

/** Starts hosts of one job. @throws LoadFailed when the program does not load, HostLost when the process dies first. */
export interface HostStarter {
  /** The most tasks of one batch; without it, the caller decides. */
  readonly largestBatch?: number;
  start(load: LoadMessage): Promise<ModelHost>;
}
