import { join } from 'node:path';
import { freshProject } from '../project.mjs';
import { storeSteps } from '../store-steps.mjs';

const TASKS = 10_000_000;

/** Reads the set of all ten million task ids at one address from its indexes, in a fresh process. */
export async function measure() {
  const steps = await storeSteps();
  const project = freshProject('');
  try {
    const folder = join(project.home, 'store');
    steps.run('makeIndexes', folder, TASKS);
    const { seconds, megabytes, cpu } = steps.run('readExisting', folder, TASKS);
    const each = `${((megabytes * 2 ** 20) / TASKS).toFixed(0)} bytes a task, whole process`;
    return [
      {
        what: `existing of ${TASKS} tasks`,
        value: seconds,
        unit: 's',
        aim: '',
        beside: `${Math.round(megabytes)} MB, CPU ${cpu.toFixed(1)} s, ${each}`,
      },
    ];
  } finally {
    project.remove();
    steps.remove();
  }
}
