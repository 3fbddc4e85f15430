import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { NOOP } from '../models.mjs';
import { env, timeJob } from '../project.mjs';
import { median, timed } from '../timing.mjs';

const [LEAST, FEW, MANY] = [160, 20_480, 204_800];
const REPLICATES = 20;
const PEER_TASKS = 500;

/**
 * Jobs of one model. What a further task costs is the difference of the larger two by the tasks between them. The smallest is start-up of every
 * process, compile and push of the bundle, and finalisation; until some ten thousand tasks have run, programs are not compiled to the end.
 */
export function measure() {
  const job = (tasks) => timeJob(NOOP, 'models/model.ts:M', { sets: tasks / REPLICATES, replicates: REPLICATES });
  const rounds = [0, 1, 2].map(() => [LEAST, FEW, MANY].map(job));
  const [least, few, many] = [0, 1, 2].map((at) => median(rounds.map((seconds) => seconds[at])));
  const marginal = ((many - few) / (MANY - FEW)) * 1000;
  const beside = peer();
  const noop = 'no-op task, 1 KB result, persisted';
  return [
    { what: `${noop}: each further task`, value: marginal, unit: 'ms a task', aim: 'at most 0.03', beside },
    { what: `${noop}: all of a job of ${MANY}`, value: (many / MANY) * 1000, unit: 'ms a task', aim: 'at most 0.03', beside: '' },
    { what: `${noop}: all of a job of ${FEW}`, value: (few / FEW) * 1000, unit: 'ms a task', aim: '', beside: `${few.toFixed(2)} s` },
    { what: `${noop}: a job of ${LEAST}`, value: least, unit: 's', aim: '', beside: '' },
  ];
}

function peer() {
  const line = `seq ${PEER_TASKS} | parallel --will-cite -j${availableParallelism()} true`;
  const run = () => spawnSync('sh', ['-c', line], { env });
  if (run().status !== 0) return 'GNU parallel is not installed';
  return `GNU parallel ${((timed(run) / PEER_TASKS) * 1000).toFixed(2)} ms a task, nothing kept`;
}
