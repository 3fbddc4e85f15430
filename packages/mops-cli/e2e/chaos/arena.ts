import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createReporter } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { localEnvironment, parseJobId } from '@modelops/contracts';
import { createJob, type Job, openStores } from '@modelops/worker';
import type { OpenEnvironment } from '../../src/deps.ts';
import { createLocalEngine } from '../../src/engines/local/local-engine.ts';
import { thisMachine } from '../../src/engines/this-machine.ts';
import { prepareSubmission } from '../../src/jobs/prepare-submission.ts';
import { resumeJob } from '../../src/jobs/resume-job.ts';
import { submitJob } from '../../src/jobs/submit-job.ts';
import { type Laptop, openLaptop } from '../laptop.ts';

/** Whether a parameter set is whole in one chunk, or split over several. */
export const SHAPES = {
  whole: { sets: 20, replicates: 8 },
  split: { sets: 4, replicates: 40 },
} as const;
export type Shape = keyof typeof SHAPES;

/** The kind of host that runs the model of a job. */
export type ChaosHost = 'node' | 'python' | 'command';

/** The model for each host. Tasks take at least 4 ms and have equal outputs, which depend on parameters and seed. */
const MODELS: Readonly<Record<ChaosHost, string>> = { node: 'echo.ts:Echo', python: 'echo.py:echo', command: 'modelops.yaml:Echo' };

const COMPILED = `
import { defineModel, int } from '@modelops/sdk';
export const Echo = defineModel({
  parameters: { x: int(0, 1_000_000) },
  outputs: ['echo'],
  simulate: ({ x }, { seed }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4);
    return { echo: { i: Int32Array.of(0), value: Float64Array.of(x + Number(seed) / 7) } };
  },
});
`;

const PYTHON = `
import time
from modelops import Int, model

@model(parameters={"x": Int(0, 1_000_000)}, outputs=["echo"])
def echo(x, *, seed):
    time.sleep(0.004)
    return {"echo": {"i": [0], "value": [x + seed / 7]}}
`;

const COMMAND = `
models:
  Echo:
    command: awk -v x={{ x }} -v seed={{ seed }} -f echo.awk
    parameters: { x: { kind: int, min: 0, max: 1000000 } }
    outputs: { echo: { file: echo.csv, columns: { i: int, value: float } } }
`;
const AWK = `BEGIN { printf "i,value\\n0,%.17g\\n", x + seed / 7 > "echo.csv" }
`;

/** The output of a task. */
export const echoOf = (x: number, seed: bigint | number): number => x + Number(seed) / 7;

const TARGET = `
import { defineTarget, meanSignalMse } from '@modelops/sdk';
export const zero = defineTarget({ output: 'echo', data: 'zero.csv', join: ['i'], value: 'value', evaluator: meanSignalMse() });
`;

/** The defaults of `mops jobs submit`. */
const DEFAULTS = { build: false, auto: false, target: [], label: {}, maxAttempts: 2, taskTimeout: 3600, schema: 'token' } as const;

/** A laptop with a pushed bundle. Each run has its own store, so it finds no results of another run. */
export interface Arena {
  readonly laptop: Laptop;
  /** Creates an environment with a new store. */
  open(name: string): Promise<OpenEnvironment>;
  /** Submits a study of this shape on two workers, each with this many slots, as `mops jobs submit --bundle latest` does. */
  submit(shape: Shape, environment: OpenEnvironment, slots: number): Promise<Job>;
  /** Starts another attempt, as `mops jobs resume` does. Returns its number. */
  resume(job: Job, environment: OpenEnvironment): Promise<number>;
}

export async function openArena(host: ChaosHost): Promise<Arena> {
  const laptop = openLaptop();
  for (const folder of ['models', 'targets']) rmSync(join(laptop.dir, folder), { recursive: true });
  const files = {
    'echo.ts': COMPILED,
    'echo.py': PYTHON,
    'modelops.yaml': COMMAND,
    'echo.awk': AWK,
    'zero.ts': TARGET,
    'zero.csv': 'i,value\n0,0\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(laptop.dir, name), text);
  const commands = [['init', 'chaos'], ['register-model', MODELS[host]], ['register-target', 'zero.ts:zero'], ['push']];
  for (const args of commands) await laptop.must('modelops-bundle', ...args);
  const deps = {
    cwd: laptop.dir,
    home: laptop.home,
    readStdin: async () => '',
    reporter: createReporter(createMemoryIo(), { isQuiet: true }),
  };
  const environments = join(laptop.home, 'bundle-env');
  mkdirSync(environments, { recursive: true });
  return {
    laptop,
    async open(name) {
      const local = localEnvironment(laptop.home);
      const environment = { ...local, environment: name, storage: { ...local.storage, path: join(laptop.home, 'stores', name) } };
      const file = join(environments, `${name}.yaml`);
      writeFileSync(file, JSON.stringify(environment), { mode: 0o600 });
      return reopen({ name, environment, cacheDir: join(laptop.home, 'cache') }, laptop);
    },
    async submit(shape, opened, slots) {
      const { sets, replicates: n_replicates } = SHAPES[shape];
      const parameter_sets = Array.from({ length: sets }, (_, x) => ({ x }));
      const study = { model: MODELS[host], parameter_sets, n_replicates, targets: ['zero.ts:zero'] };
      const file = `${opened.name}.json`;
      writeFileSync(join(laptop.dir, file), JSON.stringify(study));
      const typed = { ...DEFAULTS, study: file, bundle: 'latest', workers: 2, slots };
      const { job } = await submitJob((await prepareSubmission(typed, opened, deps)).request, opened);
      return createJob(await opened.stores.registry.spec(parseJobId(job)));
    },
    async resume({ id }, opened) {
      return (await resumeJob(id, { dryRun: false, width: {}, bundle: undefined }, opened, deps)).attempt;
    },
  };
}

/** The environment as a new process sees it, without caches. */
export async function reopen(
  { name, environment, cacheDir }: Pick<OpenEnvironment, 'name' | 'environment' | 'cacheDir'>,
  laptop: Laptop,
): Promise<OpenEnvironment> {
  const stores = await openStores(environment, { cacheDir });
  const machine = thisMachine(laptop.home, laptop.env);
  const file = join(laptop.home, 'bundle-env', `${name}.yaml`);
  const env = { ...laptop.env, MODELOPS_ENVIRONMENT_FILE: file };
  const engine = createLocalEngine({ dir: engineDir(laptop), owner: machine, env });
  return { name, environment, cacheDir, stores, machine, engine };
}

export const engineDir = (laptop: Laptop): string => join(laptop.home, 'engine');
