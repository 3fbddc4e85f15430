import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LARGE } from '../models.mjs';
import { env, freshProject, prepareStudy, programFile } from '../project.mjs';

const TASKS = 256;
const POLL_MS = 20;

/** Peak memory of the worker, without its hosts, that runs tasks of 20 MB one after another. */
export async function measure() {
  const project = freshProject(LARGE);
  try {
    prepareStudy(project, 'models/model.ts:M', { sets: TASKS, replicates: 1 });
    const megabytes = await peakOfWorker(project);
    const what = `worker memory for ${TASKS} tasks of 20 MB, 1 slot`;
    return [{ what, value: megabytes, unit: 'MB', aim: '', beside: `${(TASKS * 20) / 1000} GB of outputs` }];
  } finally {
    project.remove();
  }
}

function peakOfWorker({ dir, home }) {
  const args = ['jobs', 'submit', 'study.json', '--wait', '--quiet', '--workers', '1', '--slots', '1'];
  const child = spawn(process.execPath, [programFile('mops'), ...args], {
    cwd: dir,
    env: { ...env, MODELOPS_HOME: home },
    stdio: 'ignore',
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, ...workersOf(home).map(peakOf));
  }, POLL_MS);
  return new Promise((resolve, reject) => {
    child.once('exit', (status) => {
      clearInterval(timer);
      if (status === 0) resolve(peak);
      else reject(new Error(`the job ended with status ${status}`));
    });
  });
}

function workersOf(home) {
  try {
    const engine = join(home, 'engine');
    return readdirSync(engine).flatMap((attempt) => {
      const { workers } = JSON.parse(readFileSync(join(engine, attempt, 'supervisor.json'), 'utf8'));
      return workers.flatMap(({ process: worker }) => (worker === null ? [] : [worker.split('.').at(-2)]));
    });
  } catch {
    return []; // not started yet
  }
}

/** Peak resident memory of a process, megabytes. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}
