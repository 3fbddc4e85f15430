import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshProject, runMeasured } from '../project.mjs';
import { storeSteps } from '../store-steps.mjs';
import { cpuOf, secondsOf, usedOf } from '../timing.mjs';

const RESULTS = 100_000;
const MANY = 1_000_000;
const ROUNDS = 3;

/** The store alone and in whole commands, compared with one file per result on the same disk. Each step is a separate process. */
export async function measure() {
  const steps = await storeSteps();
  try {
    return [...persist(steps), ...validate(steps), ...resume(steps)];
  } finally {
    steps.remove();
  }
}

/** Packs and single files alternately, each in a fresh folder. */
function persist(steps) {
  const rounds = Array.from({ length: ROUNDS }, () => ({
    packs: inFolder((folder) => steps.run('persistPacks', folder, RESULTS)),
    files: inFolder((folder) => ({ ...steps.run('persistFiles', folder, RESULTS), stat: steps.run('statFiles', folder, RESULTS) })),
  }));
  const packs = secondsOf(rounds.map((round) => round.packs));
  const files = secondsOf(rounds.map((round) => round.files));
  const stat = secondsOf(rounds.map((round) => round.files.stat));
  return [
    {
      what: `persist ${RESULTS} results of 1 KiB, synced`,
      value: packs,
      unit: 's',
      aim: '',
      beside: `${usedOf(rounds.map((round) => round.packs))}; one file per result, not synced ${files.toFixed(2)} s`,
    },
    {
      what: `${RESULTS} existence checks of a file`,
      value: stat,
      unit: 's',
      aim: '',
      beside: 'the cost of resume with one file per result',
    },
  ];
}

function validate(steps) {
  const aims = new Map([
    [100, 'at most 0.3'],
    [MANY, 'at most 2 s, 400 MB'],
  ]);
  return [...aims].map(([tasks, aim]) => {
    const times = inJob(steps, [tasks, 0], ['jobs', 'validate', 'job-bench', '--force']);
    return {
      what: `validate ${tasks} outputs, whole process`,
      value: secondsOf(times),
      unit: 's',
      aim,
      beside: usedOf(times),
    };
  });
}

function resume(steps) {
  const times = inJob(steps, [RESULTS, RESULTS / 100], ['jobs', 'resume', 'job-bench', '--dry-run']);
  const idle = inJob(steps, [100, 1], ['jobs', 'resume', 'job-bench', '--dry-run']);
  return [
    {
      what: `resume of ${RESULTS} tasks, 1 % missing: detection`,
      value: secondsOf(times) - secondsOf(idle),
      unit: 's after start-up',
      aim: 'at most 0.3',
      beside: `whole process ${secondsOf(times).toFixed(2)} s, ${usedOf(times)}, of which start-up ${cpuOf(idle).toFixed(2)} s`,
    },
  ];
}

/** Runs a command on a prepared job several times in one project. */
function inJob(steps, job, args) {
  const project = freshProject('');
  try {
    steps.run('makeJob', join(project.home, 'store'), ...job);
    return Array.from({ length: ROUNDS + 1 }, () => runMeasured(project, 'mops', args)).slice(1);
  } finally {
    project.remove();
  }
}

function inFolder(action) {
  const project = freshProject('');
  try {
    return action(join(project.home, 'store'));
  } finally {
    rmSync(project.home, { recursive: true, force: true });
    project.remove();
  }
}
