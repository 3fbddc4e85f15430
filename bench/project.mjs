// Projects in a fresh folder with an empty store, and the programs run in them, timed from outside.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const REPORTER = pathToFileURL(join(root, 'packages/testkit/src/report-use.mjs')).href;
const dist = { cb: 'cb-cli', mops: 'mops-cli', 'modelops-bundle': 'bundle' };
// Node reads this certificate file at every start, which takes 20 ms.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;

export { env };

export const programFile = (program) => join(root, 'packages', dist[program], 'dist', `${program}.js`);

/** A project with one model in `models/model.ts`; a copy of the example if no source is given. */
export function freshProject(model) {
  const base = mkdtempSync(join(tmpdir(), 'modelops-bench-'));
  const dir = join(base, 'project');
  if (model === undefined)
    cpSync(join(root, 'examples/seir-ts'), dir, {
      recursive: true,
      filter: (path) => !/node_modules|\.modelops-bundle|\/out|\/dist/.test(path.slice(root.length)),
    });
  else {
    mkdirSync(join(dir, 'models'), { recursive: true });
    writeFileSync(join(dir, 'models/model.ts'), model);
  }
  return { dir, home: join(base, 'home'), remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }) };
}

/** Runs one program; returns its seconds and stdout. @throws Error unless it exits with 0 */
export function run({ dir, home }, program, args, variables = {}) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [programFile(program), ...args], {
    cwd: dir,
    env: { ...env, MODELOPS_HOME: home, ...variables },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return { seconds: (performance.now() - started) / 1000, stdout };
}

/** Like {@link run}, with peak memory (megabytes) and CPU time (seconds), which the program reports on exit. */
export function runMeasured(project, program, args) {
  const started = performance.now();
  const used = runReporting(programFile(program), args, { cwd: project.dir, env: { ...env, MODELOPS_HOME: project.home } });
  return { ...used, seconds: (performance.now() - started) / 1000 };
}

/** Runs a Node program that reports its peak memory (megabytes) and CPU time (seconds) on exit. @throws Error unless it exits with 0 */
export function runReporting(file, args, options) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', REPORTER, file, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  });
  const used = /\nused (\d+) (\d+)\n$/.exec(stderr);
  if (status !== 0 || used === null) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
  return { stdout, megabytes: Number(used[1]) / 1024, cpu: Number(used[2]) / 1e6 };
}

/** Initialises the project for an environment, registers the model and writes `study.json` with a Sobol design. */
export function prepareStudy(project, source, { sets, replicates, targets = [], env = 'local' }) {
  run(project, 'modelops-bundle', ['init', 'bench', '--env', env]);
  run(project, 'modelops-bundle', ['register-model', source]);
  const design = ['--n-samples', String(sets), '--n-replicates', String(replicates)];
  const evaluated = targets.flatMap((target) => ['--targets', target]);
  run(project, 'cb', ['sampling', 'sobol', source, ...design, ...evaluated, '--output', 'study.json', '--force']);
}

/** Seconds of `jobs submit --wait` in a fresh project whose bundle has not been pushed. */
export function timeJob(model, source, design) {
  const project = freshProject(model);
  try {
    prepareStudy(project, source, design);
    return run(project, 'mops', ['jobs', 'submit', 'study.json', '--wait', '--quiet']).seconds;
  } finally {
    project.remove();
  }
}
