// The words of the system: schemas, identities, the job's states, plans and errors.
// Never does I/O, reads a clock or makes a random number.
export * from './bundle-manifest.ts';
export * from './environment.ts';
export * from './errors.ts';
export * from './identity/aggregation-id.ts';
export * from './identity/bundle-ref.ts';
export * from './identity/canonical-json.ts';
export * from './identity/digest.ts';
export * from './identity/entrypoint.ts';
export * from './identity/hex-id.ts';
export * from './identity/job-id.ts';
export * from './identity/model-digest.ts';
export * from './identity/param-id.ts';
export * from './identity/seed.ts';
export * from './identity/task-id.ts';
export * from './job/old-job.ts';
export * from './job/plan.ts';
export * from './job/spec.ts';
export * from './job/state.ts';
export * from './job/tasks.ts';
export * from './job/transition.ts';
export * from './job/worker-exit.ts';
export * from './keys.ts';
export * from './nearest.ts';
export * from './parsing.ts';
export * from './study.ts';
export { isSeeded, type ParameterSetEntry } from './study-entry.ts';
