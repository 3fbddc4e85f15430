import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localEnvironment, parseJobId } from '@modelops/contracts';
import { createJob, type Job, openStores } from '@modelops/worker';
import type { OpenEnvironment } from '../../src/deps.ts';
import { createLocalEngine } from '../../src/engines/local/local-engine.ts';
import { thisMachine } from '../../src/engines/this-machine.ts';
import { type Laptop, openLaptop } from '../laptop.ts';

/** How a job's parameter sets relate to its chunks: whole in one, or split over many. */
export const SHAPES = {
  whole: { sets: 40, replicates: 8 },
  split: { sets: 4, replicates: 80 },
} as const;
export type Shape = keyof typeof SHAPES;

/** Tasks of 4 ms, whose output depends on parameters and seed. */
const MODEL = `
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

/** The output of a task. */
export const echoOf = (x: number, seed: bigint | number): number => x + Number(seed) / 7;

const TARGET = `
import { defineTarget, meanSignalMse } from '@modelops/sdk';
export const zero = defineTarget({ output: 'echo', data: 'zero.csv', join: ['i'], value: 'value', evaluator: meanSignalMse() });
`;

/** A laptop with a pushed bundle. Each run has its own store, so it finds no results of another run. */
export interface Arena {
  readonly laptop: Laptop;
  /** Creates an environment with a new store. */
  open(name: string): Promise<OpenEnvironment>;
  /** Submits a study of this shape on two workers, each with this many slots. */
  submit(shape: Shape, environment: OpenEnvironment, slots: number): Promise<Job>;
}

export async function openArena(): Promise<Arena> {
  const laptop = openLaptop();
  for (const folder of ['models', 'targets']) rmSync(join(laptop.dir, folder), { recursive: true });
  writeFileSync(join(laptop.dir, 'echo.ts'), MODEL);
  writeFileSync(join(laptop.dir, 'zero.ts'), TARGET);
  writeFileSync(join(laptop.dir, 'zero.csv'), 'i,value\n0,0\n');
  const commands = [['init', 'chaos'], ['register-model', 'echo.ts:Echo'], ['register-target', 'zero.ts:zero'], ['push']];
  for (const args of commands) await laptop.must('modelops-bundle', ...args);
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
    async submit(shape, { name, stores }, slots) {
      const { sets, replicates: n_replicates } = SHAPES[shape];
      const parameter_sets = Array.from({ length: sets }, (_, x) => ({ x }));
      const study = { model: 'echo.ts:Echo', parameter_sets, n_replicates, targets: ['zero.ts:zero'] };
      const file = `${name}.json`;
      writeFileSync(join(laptop.dir, file), JSON.stringify(study));
      const args = ['jobs', 'submit', file, '--bundle', 'latest', '--workers', '2', '--slots', String(slots), '--env', name];
      const { job } = await laptop.json<{ job: string }>('mops', ...args);
      return createJob(await stores.registry.spec(parseJobId(job)));
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
  const engine = createLocalEngine({ dir: engineDir(laptop), owner: machine, env: laptop.env });
  return { name, environment, cacheDir, stores, machine, engine };
}

export const engineDir = (laptop: Laptop): string => join(laptop.home, 'engine');
