// Queries across jobs, for programs: losses, best parameters, comparisons, the jobs that use a result.
// Never writes.
export { isModelOpsError, type JobId, ModelOpsError, parseJobId } from '@modelops/contracts';
export type { ComparedLoss, Comparison } from './compare-losses.ts';
export type { Loss } from './loss.ts';
export { openResultClient, type ResultClientOptions } from './open-result-client.ts';
export type { ArrowTable, Interruption, JobUse, LossFilter, ResultClient, TableLimits } from './results.ts';
