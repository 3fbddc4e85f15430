import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keys, parseJobId } from '@modelops/contracts';
import { type ObjectStore, openObjectStore } from '@modelops/store';
import { chunkNumbers } from '@modelops/worker';
import { afterAll, afterEach, beforeAll, beforeEach, inject, type ProvidedContext } from 'vitest';
import { runInfra } from '../../src/infra/testing/run-infra.ts';
import { type Laptop, openLaptop, type Ran } from '../laptop.ts';
import { mirrorPacks } from './dataset.ts';
import { kubectl, kubectlJson, until } from './kubectl.ts';
import { type Azurite, startAzurite } from './servers.ts';

export interface Submitted {
  readonly job: string;
  readonly status: string;
  readonly bundle_ref: string;
  readonly tasks: { readonly total: number; readonly new: number; readonly reused: number };
}
export interface JobStatus {
  readonly status: string;
  readonly progress: { readonly done: number };
  readonly engine: { readonly problems: readonly { readonly reason: string; readonly message: string }[] } | null;
  readonly failures: readonly { readonly count: number; readonly type: string; readonly message: string }[];
}
export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: { readonly phase: string };
}

type Program = 'cb' | 'mops' | 'modelops-bundle';
const WORKERS = ['--workers', '3', '--cpu', '500m', '--memory', '512Mi'];
const TARGET = 'targets/prevalence.ts:prevalence';

export interface TeamOptions {
  /** The example that is copied to the laptop. */
  readonly example?: string;
  /** The image of its workers. */
  readonly image?: (lab: NonNullable<ProvidedContext['lab']>) => string;
}

/**
 * An environment `team` with a namespace, Azurite and the lab's registry, and for each test a new laptop and container. Call it in a `describe`
 * that is skipped without a lab.
 */
export function useTeam({ example, image = (lab) => lab.workerImage }: TeamOptions = {}) {
  const lab = inject('lab')!;
  const namespace = `jobs-${randomBytes(3).toString('hex')}`;
  let azurite: Azurite;
  let laptop: Laptop;
  let container: string;

  beforeAll(async () => {
    azurite = await startAzurite(lab.ip);
  });
  afterAll(async () => {
    await azurite?.stop();
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  });
  beforeEach(async () => {
    laptop = openLaptop(example);
    container = `results-${randomBytes(4).toString('hex')}`;
    const there = ['--registry', lab.registry, '--registry-insecure', '--container', container, '--namespace', namespace];
    await infraUp(...there, '--image', image(lab), ...WORKERS);
  });
  afterEach(() => laptop.remove());

  /** `mops infra up --env team` in this laptop's home. */
  async function infraUp(...options: string[]): Promise<void> {
    const { home } = laptop;
    const { connectionString } = azurite;
    const { status, stderr } = await runInfra(['infra', 'up', '--env', 'team', ...options], { home, connectionString });
    if (status !== 0) throw new Error(stderr);
  }

  /** Runs a program on the laptop. @throws Error with its stderr unless it exits with 0 */
  async function ok(program: Program, ...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await laptop.run(program, ...args);
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  const statusOf = (job: string) => laptop.json<JobStatus>('mops', 'jobs', 'status', job, '--env', 'team');
  const podsOf = async (job: string) =>
    (await kubectlJson<{ items: Pod[] }>('get', 'pods', '--namespace', namespace, '--selector', `modelops.io/job=${job}`)).items;
  const objects = (): Promise<ObjectStore> =>
    openObjectStore({ provider: 'azure', container, connection_string: azurite.connectionString });

  return {
    namespace,
    infraUp,
    ok,
    objects,
    laptop: () => laptop,
    connectionString: () => azurite.connectionString,
    run: (program: Program, ...args: string[]): Promise<Ran> => laptop.run(program, ...args),
    submit: (...options: string[]) => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--env', 'team', ...options),
    statusOf,
    podsOf,
    /** The running pods, once this many are running and this many chunks are done. Polls the store and the API: the programs are too slow. */
    workersBusy: async (job: string, { pods, chunks }: { readonly pods: number; readonly chunks: number }): Promise<Pod[]> => {
      const store = await objects();
      const poll = async () => ({
        done: (await chunkNumbers(store, keys.dones(parseJobId(job), 1))).size,
        running: (await podsOf(job)).filter(({ status }) => status.phase === 'Running'),
      });
      return (await until(poll, ({ done, running }) => done >= chunks && running.length >= pods)).running;
    },
    /** Deletes pods without a grace period, like a node that is switched off. */
    killPods: (pods: readonly Pod[]) =>
      kubectl('delete', 'pod', '--namespace', namespace, '--grace-period=0', '--force', ...pods.map(({ metadata }) => metadata.name)),

    /** The example, with a Sobol design of `sets` × `replicates` and its target. */
    async prepareExample(repository: string, sets: number, replicates: number): Promise<void> {
      await ok('modelops-bundle', 'init', repository, '--env', 'team');
      await ok('modelops-bundle', 'register-model', 'models/seir.ts');
      await ok('modelops-bundle', 'register-target', TARGET);
      const design = ['--n-samples', String(sets), '--n-replicates', String(replicates), '--targets', TARGET];
      await ok('cb', 'sampling', 'sobol', 'models/seir.ts:StochasticSEIR', ...design, '--output', 'study.json', '--force');
    },

    /** A model `M` of one parameter `x`, and a study of its values. */
    async prepareModel(source: string, values: readonly number[]): Promise<void> {
      writeFileSync(join(laptop.dir, 'models/m.ts'), source);
      await ok('modelops-bundle', 'init', 'm', '--env', 'team');
      await ok('modelops-bundle', 'register-model', 'models/m.ts');
      const parameter_sets = values.map((x) => ({ x }));
      const study = { model: 'models/m.ts:M', parameter_sets, sampling_method: 'manual', n_replicates: 1 };
      writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify(study));
    },

    /** Copies the contents of the container to the laptop; returns the folder. */
    async mirror(): Promise<string> {
      const dir = join(laptop.home, 'mirror');
      await mirrorPacks(await objects(), dir);
      return dir;
    },
  };
}
