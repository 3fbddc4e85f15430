import { join } from 'node:path';
import { freshProject, runMeasured } from '../project.mjs';
import { storeSteps } from '../store-steps.mjs';
import { secondsOf, usedOf } from '../timing.mjs';

const SETS = 100_000;
const TARGETS = 10;
const ROUNDS = 5;

/** Commands that read and write losses, on prepared jobs. */
export async function measure() {
  const steps = await storeSteps();
  try {
    const index = onJob(steps, 1, (mops) => times(() => mops('jobs', 'validate', 'job-bench', '--force')));
    const best = onJob(steps, TARGETS, (mops) => {
      mops('jobs', 'validate', 'job-bench', '--force');
      return times(() => mops('results', 'best', 'job-bench', '--target', 'target3'));
    });
    return [
      row(`validate ${SETS} parameter sets and index their losses, whole process`, index, 'at most 2 to index'),
      row(`best 10 of ${SETS * TARGETS} losses, whole process`, best, 'at most 0.35'),
    ];
  } finally {
    steps.remove();
  }
}

function onJob(steps, targets, action) {
  const project = freshProject('');
  try {
    steps.run('makeLosses', join(project.home, 'store'), SETS, targets);
    return action((...args) => runMeasured(project, 'mops', args));
  } finally {
    project.remove();
  }
}

const times = (action) => Array.from({ length: ROUNDS + 1 }, action).slice(1);

const row = (what, measured, aim) => ({ what, value: secondsOf(measured), unit: 's', aim, beside: usedOf(measured) });
