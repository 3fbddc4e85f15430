// The operating system, each thing once: atomic files, locks between processes, process identity, bounded concurrency, retry, child environments.
// Never knows a job, a store or a bundle: whatever it does is the same for any program.
export { createFileAtomically, type FileContent, type WriteOptions, writeFileAtomically, writeFileAtomicallySync } from './atomic-file.ts';
export { createBudget, iterateConcurrently, mapConcurrently } from './concurrency.ts';
export { codeOf, isAbsent } from './errno.ts';
export { createFileLocks, type FileLocks, type LockOptions } from './file-locks.ts';
export { modelEnvironment } from './model-environment.ts';
export {
  bootId,
  formatProcess,
  hasEnded,
  identifyProcess,
  isRunning,
  ownProcess,
  type ProcessIdentity,
  parseProcess,
  signalProcess,
} from './process-identity.ts';
export { killMarked, MARK_VARIABLE, markedProcesses, newMark } from './process-mark.ts';
export { backoff, pause, pauseOrThrow, type RetryOptions, retry, type Sleep } from './retry.ts';
export { removeAbandonedFiles, type TemporaryFile, withFolder, writeTemporaryFile } from './temporary-file.ts';
