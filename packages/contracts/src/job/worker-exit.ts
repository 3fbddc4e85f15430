/** The exit statuses of a worker that an engine tells apart. 0 is the end of its work; any other is a crash, after which its index starts again. */
export const WORKER_EXIT = {
  /** No restart would help: a bad bundle, a missing dependency, a bad digest. */
  final: 42,
  /** 128 + SIGTERM: told to stop before the end of its work. */
  stopped: 143,
} as const;
