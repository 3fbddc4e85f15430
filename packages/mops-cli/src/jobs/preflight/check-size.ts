import { type SimulationStudy, taskCountOf } from '@modelops/contracts';
import type { Finding } from './finding.ts';

/** Ten times what was ever measured (10,000,000); whoever looks which tasks exist holds a byte or more for each. */
const MOST_TASKS = 100_000_000;

/** A number of replicates with a digit too many is met here, and not by the memory of whoever plans the job. */
export function checkSize(study: SimulationStudy): Finding[] {
  const { parameter_sets: sets, n_replicates: replicates } = study;
  const tasks = taskCountOf(study);
  if (tasks <= MOST_TASKS) return [];
  const said = (count: number) => count.toLocaleString('en-US');
  const message = `${said(sets.length)} parameter sets with ${said(replicates)} replicates are ${said(tasks)} tasks; a job has at most ${said(MOST_TASKS)}`;
  return [{ code: 'PREFLIGHT_FAILED', path: 'n_replicates', message, fix: 'ask for fewer, or submit several studies' }];
}
