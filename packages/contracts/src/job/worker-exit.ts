/** Exit statuses of a worker that engines distinguish. 0 is the end of its work; any other status is a crash, after which its index is restarted. */
export const WORKER_EXIT = {
  /** A restart cannot help: a bad bundle, a missing dependency, a bad digest. */
  final: 42,
  /** 128 + SIGTERM: stopped before the end of its work. */
  stopped: 143,
} as const;
