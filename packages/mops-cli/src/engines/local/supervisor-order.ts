/** The argument of a supervisor. */
export interface SupervisorOrder {
  /** The attempt's folder, for its record and the logs of its workers. */
  readonly dir: string;
  readonly width: number;
  /** Number of model hosts of each worker. */
  readonly slots: number;
  /** The worker's program: a file for Node. */
  readonly program: string;
  readonly job: string;
  readonly attempt: number;
  /** Maximum number of restarts of one index. */
  readonly restarts: number;
  /** The exit status after which an index is not restarted. */
  readonly finalStatus: number;
}
