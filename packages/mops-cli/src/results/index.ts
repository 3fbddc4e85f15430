// Questions across jobs, for programs: losses, best parameters, comparisons, who asked for a result.
// Never writes.
export type { ComparedLoss, Comparison } from './compare-losses.ts';
export type { JobUse } from './jobs-of.ts';
export type { Loss } from './loss.ts';
export { openResultClient, type ResultClientOptions } from './open-result-client.ts';
export type { LossFilter, ResultClient } from './results.ts';
