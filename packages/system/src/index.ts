// Services of the operating system, each implemented once: atomic files, locks between processes, process identity, bounded concurrency, retry.
// Never contains anything specific to jobs, stores or bundles.
export * from './atomic-file.ts';
export * from './compiled-code.ts';
export * from './concurrency.ts';
export * from './errno.ts';
export * from './file-locks.ts';
export * from './is-file.ts';
export * from './model-environment.ts';
export * from './modelops-home.ts';
export * from './output-file.ts';
export * from './process-identity.ts';
export * from './process-mark.ts';
export * from './retry.ts';
export * from './rotated-log.ts';
export * from './temporary-file.ts';
