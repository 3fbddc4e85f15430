// Executes a job on one machine: claims, chunks, aggregation and finalisation.
// Never starts other workers and never chooses its stores: `main` does.
export { type ChunkDone, chunkDoneSchema } from './chunk/chunk-record.ts';
export { chunkNumbers } from './chunk/claims.ts';
export { readDones } from './chunk/read-dones.ts';
export { createTaskRunner } from './chunk/task-runner.ts';
export { explainFailures, type FailureCause, type FailureReport } from './finalise/explain-failures.ts';
export { finaliseJob } from './finalise/finalise-job.ts';
export { indexResults } from './finalise/index-results.ts';
export { type VerifiedOutputs, verifyOutputs } from './finalise/verify-outputs.ts';
export { guardJob } from './guard-job.ts';
export { createJob, type Job, jsonBytes, readPlan, type Stores } from './job-context.ts';
export { openHosts } from './open-hosts.ts';
export { openStores } from './open-stores.ts';
export { type PilotReport, runPilot } from './pilot.ts';
export { programPath } from './programs.ts';
