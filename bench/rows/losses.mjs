import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { freshProject, runMeasured } from '../project.mjs';
import { storeSteps } from '../store-steps.mjs';
import { secondsOf, usedOf } from '../timing.mjs';

const SETS = 100_000;
const TARGETS = 10;
const JOBS = 200;
const ROWS = 5_000;
const ROUNDS = 5;

/** Commands that read and write losses, on prepared jobs. */
export async function measure() {
  const steps = await storeSteps();
  try {
    const index = onJob(steps, SETS, 1, (mops) => times(() => mops('jobs', 'validate', 'job-bench', '--force')));
    const best = onJob(steps, SETS, TARGETS, (mops) => {
      mops('jobs', 'validate', 'job-bench', '--force');
      return times(() => mops('results', 'best', 'job-bench', '--target', 'target3'));
    });
    const query = onJob(steps, ROWS, 1, (mops, store) => {
      mops('jobs', 'validate', 'job-bench', '--force');
      for (let job = 1; job < JOBS; job++)
        cpSync(join(store, 'results/job-bench'), join(store, `results/job-bench-${job}`), { recursive: true });
      return times(() => mops('results', 'query', 'SELECT target, count(*), min(loss), median(loss) FROM losses GROUP BY target'));
    });
    return [
      row(`validate ${SETS} parameter sets and index their losses, whole process`, index, 'at most 2 to index'),
      row(`best 10 of ${SETS * TARGETS} losses, whole process`, best, 'at most 0.35'),
      row(`SQL over the losses of ${JOBS} jobs × ${ROWS} rows, whole process`, query, ''),
    ];
  } finally {
    steps.remove();
  }
}

function onJob(steps, sets, targets, action) {
  const project = freshProject('');
  try {
    const store = join(project.home, 'store');
    steps.run('makeLosses', store, sets, targets);
    return action((...args) => runMeasured(project, 'mops', args), store);
  } finally {
    project.remove();
  }
}

const times = (action) => Array.from({ length: ROUNDS + 1 }, action).slice(1);

const row = (what, measured, aim) => ({ what, value: secondsOf(measured), unit: 's', aim, beside: usedOf(measured) });
