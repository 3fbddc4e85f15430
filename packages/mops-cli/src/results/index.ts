// Questions across jobs, for programs: losses, best parameters, comparisons.
// Never writes.
export { createResultClient, type LossFiles } from './result-client.ts';
export type { Loss, LossFilter, ResultClient } from './results.ts';
