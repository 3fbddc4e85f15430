import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { NOOP } from '../models.mjs';
import { env, timeJob } from '../project.mjs';
import { median, timed } from '../timing.mjs';

const [LEAST, FEW, MANY] = [160, 20_480, 204_800];
const REPLICATES = 20;
const PEER_TASKS = 500;

/**
 * Jobs of one model. The cost of a further task is the difference between the two larger jobs divided by the difference in tasks. The smallest job measures
 * process start-up, compilation and push of the bundle, and finalisation. V8 finishes compiling hot code only after about ten thousand tasks.
 */
export function measure() {
  const job = (tasks) => timeJob(NOOP, 'models/model.ts:M', { sets: tasks / REPLICATES, replicates: REPLICATES });
  const rounds = [0, 1, 2].map(() => [LEAST, FEW, MANY].map(job));
  const [least, few, many] = [0, 1, 2].map((at) => median(rounds.map((seconds) => seconds[at])));
  const marginal = ((many - few) / (MANY - FEW)) * 1000;
  const beside = peer();
  const noop = 'no-op task, 1 KB result, persisted';
  return [
    { what: `${noop}: each further task`, value: marginal, unit: 'ms a task', aim: 'at most 0.017', beside },
    { what: `${noop}: all of a job of ${MANY}`, value: (many / MANY) * 1000, unit: 'ms a task', aim: 'at most 0.03', beside: '' },
    { what: `${noop}: all of a job of ${FEW}`, value: (few / FEW) * 1000, unit: 'ms a task', aim: '', beside: `${few.toFixed(2)} s` },
    { what: `${noop}: a job of ${LEAST}`, value: least, unit: 's', aim: 'at most 0.5', beside: '' },
  ];
}

function peer() {
  const line = `seq ${PEER_TASKS} | parallel --will-cite -j${availableParallelism()} true`;
  const run = () => spawnSync('sh', ['-c', line], { env });
  if (run().status !== 0) return 'GNU parallel is not installed';
  return `GNU parallel ${((timed(run) / PEER_TASKS) * 1000).toFixed(2)} ms a task, nothing stored`;
}
