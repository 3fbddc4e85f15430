import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { env, freshProject, prepareStudy, root, run } from '../project.mjs';

const NOOP = `from modelops import Float, model

@model(parameters={"x": Float(0, 1)}, outputs=["out"])
def m(x, *, seed):
    return {"out": {"i": range(60), "y": [x] * 60}}
`;
const [FEW, MANY] = [20_480, 204_800];
const REPLICATES = 20;
const SLOTS = 8;
/** Parameter sets of Starsim's SIR, 10 replicates each. PYTHON_SETS makes the comparison shorter. */
const SETS = Number(process.env.PYTHON_SETS ?? 64);
const CORES = availableParallelism();

const PARTS = ['overhead', 'first', 'compare', 'wheels'];

/** Tasks of Python models, compared with multiprocessing and Starsim's own MultiSim. PYTHON_PARTS selects parts. */
export function measure() {
  const parts = process.env.PYTHON_PARTS?.split(',') ?? PARTS;
  const unknown = parts.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) throw new Error(`unknown PYTHON_PARTS ${unknown.join(', ')}; the parts are ${PARTS.join(', ')}`);
  const has = (part) => parts.includes(part);
  return [...(has('overhead') ? overhead() : []), ...(parts.some((part) => part !== 'overhead') ? starsim(has) : [])];
}

function overhead() {
  const job = (tasks) => {
    const project = freshPython((dir) => writeFileSync(join(dir, 'models/model.py'), NOOP));
    try {
      prepareStudy(project, 'models/model.py:m', { sets: tasks / REPLICATES, replicates: REPLICATES });
      return submit(project).seconds;
    } finally {
      project.remove();
    }
  };
  const [few, many] = [FEW, MANY].map(job);
  const what = 'no-op task of a Python model, 1 KB result, persisted: each further task';
  return [
    {
      what,
      value: ((many - few) / (MANY - FEW)) * 1000,
      unit: 'ms a task',
      aim: 'at most 0.03',
      beside: `${FEW} tasks ${few.toFixed(2)} s`,
    },
  ];
}

function starsim(has) {
  const project = freshPython((dir) => {
    cpSync(join(root, 'examples/starsim-sir'), dir, { recursive: true, filter: (path) => !path.includes('.modelops-bundle') });
    const file = join(dir, 'models/sir.py');
    writeFileSync(file, `print("imported", flush=True)\n${readFileSync(file, 'utf8')}`);
  });
  try {
    run(project, 'modelops-bundle', ['init', 'bench']);
    const built = run(project, 'modelops-bundle', ['env', 'build']).seconds;
    run(project, 'modelops-bundle', ['register-model', 'models/sir.py']);
    return [
      ...(has('wheels') ? [wheels(project, built)] : []),
      ...(has('first') ? [1, SLOTS].map((slots) => firstResults(project, slots)) : []),
      ...(has('compare') ? [compared(project)] : []),
    ];
  } finally {
    project.remove();
  }
}

/** Builds the environment again, from frozen wheels. */
function wheels(project, built) {
  run(project, 'modelops-bundle', ['push', '--freeze-wheels']);
  rmSync(join(project.home, 'cache/environments'), { recursive: true });
  const { seconds } = run(project, 'modelops-bundle', ['env', 'build'], { PIP_NO_INDEX: '1', UV_OFFLINE: '1' });
  const beside = `from the index ${built.toFixed(1)} s`;
  return { what: 'environment of Starsim from frozen wheels, without an index', value: seconds, unit: 's', aim: '', beside };
}

/** A job with one task per slot, with the environment already built. */
function firstResults(project, slots) {
  design(project, slots, 1);
  const { seconds, job } = submit(project, ['--slots', String(slots)]);
  const { stdout } = run(project, 'mops', ['jobs', 'logs', job]);
  const imports = (stdout.match(/\bimported\b/g) ?? []).length;
  const what = slots === 1 ? 'first result of Starsim, 1 slot' : `first results of Starsim, ${slots} slots`;
  return { what, value: seconds, unit: 's', aim: 'one import', beside: `${imports} imports` };
}

function compared(project) {
  design(project, SETS, 10);
  const { seconds, job } = submit(project);
  const { environment } = JSON.parse(run(project, 'modelops-bundle', ['env', 'show', '--json']).stdout);
  const { outputs } = JSON.parse(run(project, 'mops', ['jobs', 'manifest', job, '--json']).stdout);
  const { parameter_sets } = JSON.parse(readFileSync(join(project.dir, 'study.json'), 'utf8'));
  const seeds = outputs.filter(({ output_type }) => output_type === 'simulation').map(({ seed }) => Number(seed));
  const tasks = seeds.map((seed, at) => [parameter_sets[Math.floor(at / 10)], seed]);
  writeFileSync(join(project.dir, 'tasks.json'), JSON.stringify(tasks));
  const peer = (way) => {
    const args = [join(root, 'bench/python/peers.py'), way, String(CORES)];
    const modelops = { PYTHONPATH: join(root, 'packages/sdk-python/src'), OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(join(environment, 'bin/python'), args, {
      cwd: project.dir,
      env: { ...env, ...modelops },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const whole = (performance.now() - started) / 1000;
    return `${way} ${whole.toFixed(1)} s (${Number(stdout.trim().split('\n').at(-1)).toFixed(1)} s without its imports)`;
  };
  const what = `${SETS} × 10 simulations of Starsim's SIR on ${CORES} cores, submit to succeeded`;
  return { what, value: seconds, unit: 's', aim: 'within 5 % of its own cores', beside: `${peer('pool')}, ${peer('multisim')}` };
}

function design(project, sets, replicates) {
  const args = ['--n-samples', String(sets), '--n-replicates', String(replicates), '--seed', String(sets * 100 + replicates)];
  run(project, 'cb', ['sampling', 'sobol', 'models/sir.py:sir', ...args, '--output', 'study.json', '--force']);
}

function submit(project, options = []) {
  const { seconds, stdout } = run(project, 'mops', ['jobs', 'submit', 'study.json', '--wait', '--quiet', '--json', ...options]);
  return { seconds, job: JSON.parse(stdout).job };
}

/** A fresh project with Python models, which `fill` writes. */
function freshPython(fill) {
  const project = freshProject('');
  rmSync(join(project.dir, 'models/model.ts'));
  fill(project.dir);
  return project;
}
