import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openLab } from '../lab.mjs';
import { TEN_MS } from '../models.mjs';
import { freshProject, prepareStudy, run } from '../project.mjs';

const DESIGN = { sets: 2500, replicates: 8 };
const TASKS = DESIGN.sets * DESIGN.replicates;

/** One worker a core on either side, so that only what starts them and where they write differs. */
export async function measure() {
  const lab = await openLab();
  if ('reason' in lab) {
    console.error(`cluster: left out: ${lab.reason}`);
    return [];
  }
  const project = freshProject(TEN_MS);
  const workers = String(availableParallelism());
  try {
    const secret = join(project.dir, 'connection.txt');
    writeFileSync(secret, lab.connectionString, { mode: 0o600 });
    const there = ['--registry', lab.registry, '--registry-insecure', '--storage-connection-string-file', secret, '--container', 'bench'];
    const pods = ['--namespace', 'modelops-bench', '--image', lab.workerImage, '--workers', workers, '--cpu', '1', '--memory', '512Mi'];
    run(project, 'mops', ['infra', 'up', '--env', 'bench', ...there, ...pods]);
    prepareStudy(project, 'models/model.ts:M', DESIGN);
    run(project, 'modelops-bundle', ['push', '--env', 'bench']);
    const submit = (env) =>
      run(project, 'mops', ['jobs', 'submit', 'study.json', '--env', env, '--workers', workers, '--wait', '--quiet']).seconds;
    const local = submit('local');
    const cluster = submit('bench');
    run(project, 'mops', ['infra', 'down', '--env', 'bench', '--yes']);
    const floor = (TASKS * 0.01) / availableParallelism();
    const beside = `local engine ${local.toFixed(1)} s, floor ${floor.toFixed(0)} s`;
    return [{ what: '20,000 tasks of 10 ms, submit to succeeded in pods', value: cluster, unit: 's', aim: '', beside }];
  } finally {
    project.remove();
    await lab.stop();
  }
}
