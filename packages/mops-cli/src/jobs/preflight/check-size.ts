import { isSeeded, type SimulationStudy } from '@modelops/contracts';
import type { Finding } from './finding.ts';

/** Ten times the largest job measured (10,000,000); planning holds a byte or more for each task. */
const MOST_TASKS = 100_000_000;

/** Refuses a number of replicates with a digit too many before planning runs out of memory. */
export function checkSize({ parameter_sets: sets, n_replicates: replicates }: SimulationStudy): Finding[] {
  // An upper bound: entries with equal values are one set.
  const tasks = sets.reduce((sum, entry) => sum + (isSeeded(entry) ? 1 : replicates), 0);
  if (tasks <= MOST_TASKS) return [];
  const text = (count: number) => count.toLocaleString('en-US');
  const message = `${text(sets.length)} parameter sets with ${text(replicates)} replicates are ${text(tasks)} tasks; a job has at most ${text(MOST_TASKS)}`;
  return [{ code: 'PREFLIGHT_FAILED', path: 'n_replicates', message, fix: 'use fewer replicates, or submit several studies' }];
}
