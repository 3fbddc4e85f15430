// The operating system, each thing once: atomic files, locks between processes, process identity, bounded concurrency, retry, child environments.
// Never knows a job, a store or a bundle: whatever it does is the same for any program.
export * from './atomic-file.ts';
export * from './concurrency.ts';
export * from './errno.ts';
export * from './file-locks.ts';
export * from './model-environment.ts';
export * from './process-identity.ts';
export * from './process-mark.ts';
export * from './retry.ts';
export * from './rotated-log.ts';
export * from './temporary-file.ts';
