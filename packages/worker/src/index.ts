// Executes a job on one machine: claims, chunks, aggregation and finalisation.
// Never starts other workers and never chooses its stores: `main` does.
export * from './aggregate/aggregation-row.ts';
export * from './chunk/claims.ts';
export * from './chunk/done-records.ts';
export * from './chunk/task-runner.ts';
export * from './finalise/explain-failures.ts';
export * from './finalise/finalise-job.ts';
export * from './finalise/index-results.ts';
export * from './finalise/verify-outputs.ts';
export * from './job-context.ts';
export * from './open-hosts.ts';
export * from './open-stores.ts';
export * from './pilot.ts';
export * from './programs.ts';
export * from './worker-end.ts';
