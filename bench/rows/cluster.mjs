import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { openLab } from '../lab.mjs';
import { TEN_MS } from '../models.mjs';
import { freshProject, prepareStudy, run } from '../project.mjs';

const TASKS = { sets: 2500, replicates: 8 };
const WORKERS = availableParallelism();

/** One worker per core in both cases, so that only the engine and the storage differ. */
export async function measure() {
  const lab = await openLab();
  if ('reason' in lab) {
    console.error(`cluster: skipped: ${lab.reason}`);
    return [];
  }
  try {
    const local = timeIn('local', () => {});
    const pods = timeIn('bench', (project) => makeEnvironment(project, lab));
    const floor = (TASKS.sets * TASKS.replicates * 0.01) / WORKERS;
    const beside = `local engine ${local.toFixed(1)} s, floor ${floor.toFixed(0)} s`;
    return [{ what: '20,000 tasks of 10 ms, submit to succeeded in pods', value: pods, unit: 's', aim: '', beside }];
  } finally {
    await lab.stop();
  }
}

/** Seconds of `jobs submit --wait` in a fresh project, because a project keeps its registry. */
function timeIn(env, prepare) {
  const project = freshProject(TEN_MS);
  try {
    prepare(project);
    prepareStudy(project, 'models/model.ts:M', { ...TASKS, env });
    const { seconds } = run(project, 'mops', [
      'jobs',
      'submit',
      'study.json',
      '--env',
      env,
      '--workers',
      String(WORKERS),
      '--wait',
      '--quiet',
    ]);
    if (env !== 'local') run(project, 'mops', ['infra', 'down', '--env', env, '--yes']);
    return seconds;
  } finally {
    project.remove();
  }
}

function makeEnvironment(project, lab) {
  const secret = join(dirname(project.dir), 'connection.txt');
  writeFileSync(secret, lab.connectionString, { mode: 0o600 });
  const there = ['--registry', lab.registry, '--registry-insecure', '--storage-connection-string-file', secret, '--container', 'bench'];
  const pods = [
    '--namespace',
    'modelops-bench',
    '--image',
    lab.workerImage,
    '--workers',
    String(WORKERS),
    '--cpu',
    '1',
    '--memory',
    '512Mi',
  ];
  run(project, 'mops', ['infra', 'up', '--env', 'bench', ...there, ...pods]);
}
