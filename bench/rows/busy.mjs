import { availableParallelism } from 'node:os';
import { TEN_MS } from '../models.mjs';
import { timeJob } from '../project.mjs';

const TASKS = 2048;

export function measure() {
  const seconds = timeJob(TEN_MS, 'models/model.ts:M', { sets: TASKS / 8, replicates: 8 });
  const floor = (TASKS * 0.01) / availableParallelism();
  const beside = `${seconds.toFixed(2)} s for a floor of ${floor.toFixed(2)} s`;
  return [{ what: 'cores kept busy, 10 ms tasks, whole command', value: (100 * floor) / seconds, unit: '%', aim: 'at least 97', beside }];
}
