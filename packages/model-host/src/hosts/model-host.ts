import type { Evaluation, LoadMessage, OutputTables, RanMessage, RunMessage } from './messages.ts';
import type { TaskError } from './task-error.ts';

/** A host ended before it answered: its batch must be tried on another. */
export class HostLost extends Error {
  override readonly name = 'HostLost';
  readonly reason: TaskError;
  /** True for a request that the host had not begun. */
  readonly isBystander: boolean;
  constructor(reason: TaskError, { isBystander = false }: { readonly isBystander?: boolean } = {}) {
    super(reason.message);
    this.reason = reason;
    this.isBystander = isBystander;
  }
}

/** The program could not be loaded: every task would fail. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';
  readonly reason: TaskError;
  constructor(reason: TaskError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** A warm process that runs one model's tasks. Calls are answered in order; several may be pending. */
export interface ModelHost {
  /** Resident memory of the process, bytes; 0 if unknown. */
  residentBytes(): number;
  /** @throws HostLost */
  run(batch: RunMessage): Promise<RanMessage>;
  /** @throws HostLost */
  evaluate(target: string, outputs: OutputTables): Promise<Evaluation>;
  /** Kills the process and its group. Pending calls are rejected, with the reason if given. */
  kill(reason?: TaskError): Promise<void>;
}

/** Starts hosts of one job. @throws LoadFailed if the program does not load, HostLost if the process dies first. */
export interface HostStarter {
  /** Maximum number of tasks of one batch. Default: the caller decides. */
  readonly largestBatch?: number;
  start(load: LoadMessage): Promise<ModelHost>;
}
