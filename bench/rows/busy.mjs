import { availableParallelism } from 'node:os';
import { TEN_MS } from '../models.mjs';
import { timeJob } from '../project.mjs';

const [FEW, MANY] = [2048, 6144];

/** Two jobs of one model: the whole smaller job, and the additional tasks of the larger one, which exclude start-up and finalisation. */
export function measure() {
  const job = (tasks) => timeJob(TEN_MS, 'models/model.ts:M', { sets: tasks / 8, replicates: 8 });
  const floor = (tasks) => (tasks * 0.01) / availableParallelism();
  const few = job(FEW);
  const many = job(MANY);
  const busy = (tasks, seconds) => ({
    value: (100 * floor(tasks)) / seconds,
    unit: '%',
    aim: 'at least 97',
    beside: `${seconds.toFixed(2)} s for a floor of ${floor(tasks).toFixed(2)} s`,
  });
  return [
    { what: `cores kept busy by ${FEW} tasks of 10 ms, whole command`, ...busy(FEW, few) },
    { what: `cores kept busy by ${MANY - FEW} further tasks`, ...busy(MANY - FEW, many - few) },
  ];
}
