import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryIo, runProgram } from '@modelops/cli-kit';
import { openObjectStore } from '@modelops/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { infraCommands } from '../src/infra/index.ts';
import { openInfraDeps } from '../src/infra/open-infra-deps.ts';
import { auditLog, writesSince } from './cluster/audit.ts';
import { mirrorPacks, summariseDataset } from './cluster/dataset.ts';
import { kubectl, kubectlApply, kubectlJson, until } from './cluster/kubectl.ts';
import { type Azurite, startAzurite } from './cluster/servers.ts';
import { type Laptop, openLaptop, programFile } from './laptop.ts';

const lab = inject('lab');
const MODEL = 'models/seir.ts:StochasticSEIR';

interface Submitted {
  readonly job: string;
  readonly status: string;
  readonly bundle_ref: string;
  readonly tasks: { readonly total: number; readonly new: number; readonly reused: number };
}
interface Status {
  readonly status: string;
  readonly progress: { readonly done: number };
  readonly engine: { readonly problems: readonly { readonly reason: string; readonly message: string }[] } | null;
  readonly failures: readonly { readonly count: number; readonly type: string; readonly message: string }[];
}
interface Losses {
  readonly losses: readonly { readonly param_id: string; readonly loss: number; readonly n_replicates: number }[];
}

describe.skipIf(lab === null)('jobs on a real cluster', () => {
  const namespace = `jobs-${randomBytes(3).toString('hex')}`;
  let azurite: Azurite;
  let laptop: Laptop;
  let container: string;

  beforeAll(async () => {
    azurite = await startAzurite(lab!.ip);
  });
  afterAll(async () => {
    await azurite?.stop();
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  });
  beforeEach(async () => {
    laptop = openLaptop();
    container = `results-${randomBytes(4).toString('hex')}`;
    await infraUp(
      'team',
      '--registry',
      lab!.registry,
      '--registry-insecure',
      '--container',
      container,
      '--namespace',
      namespace,
      '--image',
      lab!.workerImage,
      ...small,
    );
  });
  afterEach(() => laptop.remove());

  const small = ['--workers', '3', '--cpu', '500m', '--memory', '512Mi'];

  /** `mops infra up` in this laptop's home. */
  async function infraUp(env: string, ...options: string[]): Promise<void> {
    const io = createMemoryIo();
    const deps = () => openInfraDeps({ MODELOPS_HOME: laptop.home, MODELOPS_STORAGE_CONNECTION_STRING: azurite.connectionString });
    const argv = ['infra', 'up', '--env', env, ...options];
    const status = await runProgram({ name: 'mops', summary: '', version: '1', commands: infraCommands, deps, argv, io });
    if (status !== 0) throw new Error(io.stderr.text);
  }

  async function ok(program: 'cb' | 'mops' | 'modelops-bundle', ...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await laptop.run(program, ...args);
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  async function prepareStudy(repository: string, sets: number, replicates: number): Promise<void> {
    await ok('modelops-bundle', 'init', repository, '--env', 'team');
    await ok('modelops-bundle', 'register-model', 'models/seir.ts');
    await ok('modelops-bundle', 'register-target', 'targets/prevalence.ts:prevalence');
    const design = ['--n-samples', String(sets), '--n-replicates', String(replicates), '--targets', 'targets/prevalence.ts:prevalence'];
    await ok('cb', 'sampling', 'sobol', MODEL, ...design, '--output', 'study.json', '--force');
  }

  const submit = (...options: string[]) => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--env', 'team', ...options);
  const statusOf = (job: string) => laptop.json<Status>('mops', 'jobs', 'status', job, '--env', 'team');
  const objects = () => openObjectStore({ provider: 'azure', container, connection_string: azurite.connectionString });
  const podsOf = async (job: string) =>
    (
      await kubectlJson<{ items: { metadata: { name: string }; status: { phase: string } }[] }>(
        ...['get', 'pods', '--namespace', namespace, '--selector', `modelops.io/job=${job}`],
      )
    ).items;

  async function datasetOf(from: Awaited<ReturnType<typeof objects>>, name: string) {
    const dir = join(laptop.home, name);
    await mirrorPacks(from, dir);
    return summariseDataset(dir, 'prevalence');
  }

  it('runs the example from a nested repository, with the same tasks, losses and results as on the laptop', async () => {
    await prepareStudy('team/nested/epi-sim', 32, 20);
    const cluster = await submit('--wait', '--timeout', '120');
    expect(cluster).toMatchObject({ status: 'succeeded', status_code: 0, tasks: { total: 640, new: 640, reused: 0 } });
    expect(cluster.bundle_ref).toMatch(/^team\/nested\/epi-sim@sha256:[0-9a-f]{64}$/);

    const bundle = cluster.bundle_ref.split('@')[1]!;
    const local = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--env', 'local', '--wait');
    expect(local).toMatchObject({ status: 'succeeded', bundle_ref: expect.stringContaining(bundle) });
    const there = await datasetOf(await objects(), 'cluster');
    const here = await summariseDataset(laptop.store, 'prevalence');
    expect(there).toMatchObject({ tasks: 640, written: 640 });
    expect(there).toEqual(here);
    const lossesOf = async (job: string, env: string) =>
      (await laptop.json<Losses>('mops', 'results', 'losses', job, '--env', env)).losses.map(({ param_id, loss, n_replicates }) => ({
        param_id,
        loss,
        n_replicates,
      }));
    expect(await lossesOf(cluster.job, 'team')).toEqual(await lossesOf(local.job, 'local'));

    const logs = await ok('mops', 'jobs', 'logs', cluster.job, '--env', 'team');
    expect(logs).toMatch(/\[[012]\] .*chunk \d+: \d+ computed/);
  });

  it('submits 128,000 tasks with at most ten writes to the API, and loses none of them when two pods are killed', async () => {
    await prepareStudy('epi-sim', 256, 500);
    const before = new Date();
    const { job, tasks } = await submit();
    expect(tasks.total).toBe(128_000);
    const log = auditLog(process.env);
    if (log !== undefined) {
      const writes = await writesSince(log, before);
      console.warn(`writes of a submit of 128,000 tasks: ${writes.length}`);
      expect(writes.length).toBeLessThanOrEqual(10);
    }
    await until(
      () => statusOf(job),
      ({ progress }) => progress.done > 5_000,
      120,
    );
    const victims = (await podsOf(job)).filter(({ status }) => status.phase === 'Running').slice(0, 2);
    expect(victims).toHaveLength(2);
    await kubectl(
      'delete',
      'pod',
      '--namespace',
      namespace,
      '--grace-period=0',
      '--force',
      ...victims.map(({ metadata }) => metadata.name),
    );
    expect((await laptop.run('mops', 'jobs', 'wait', job, '--timeout', '240', '--env', 'team')).status).toBe(0);
    const { tasks: kept, written } = await datasetOf(await objects(), 'cluster');
    console.warn(`two pods killed: ${written - kept} of ${kept} tasks written twice`);
    expect(kept).toBe(128_000);
    const { losses } = await laptop.json<Losses>('mops', 'results', 'losses', job, '--env', 'team');
    expect(new Set(losses.map(({ param_id }) => param_id)).size).toBe(256);
    expect(losses.length).toBe(256);
    expect(losses.every(({ n_replicates }) => n_replicates === 500)).toBe(true);
  });

  it('finishes a job whose submitting process was killed, and leaves sync nothing to do', async () => {
    await prepareStudy('epi-sim', 32, 20);
    const args = [programFile('mops'), 'jobs', 'submit', 'study.json', '--env', 'team', '--wait'];
    const child = spawn(process.execPath, args, {
      cwd: laptop.dir,
      env: { ...process.env, MODELOPS_HOME: laptop.home },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let talk = '';
    for await (const piece of child.stderr.setEncoding('utf8')) {
      talk += piece as string;
      if (/job-[a-z0-9]+: 640 tasks/.test(talk)) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const job = /job-[a-z0-9]+/.exec(talk)![0];
    const store = await objects();
    const recorded = async () =>
      JSON.parse(Buffer.from((await store.get(`jobs/${job}/state.json`))!.bytes).toString()) as { status: string; updated_at: string };
    const state = await until(recorded, ({ status }) => status === 'succeeded', 120);
    await ok('mops', 'jobs', 'sync', '--env', 'team');
    expect(await recorded()).toEqual(state);
  });

  it('records a task that takes its worker out of memory as that, and finishes the others', async () => {
    writeFileSync(
      join(laptop.dir, 'models/hungry.ts'),
      `import { defineModel, float } from '@modelops/sdk';
export const Hungry = defineModel({
  parameters: { size: float(0, 10) },
  outputs: ['held'],
  simulate: ({ size }) => {
    const held: Uint8Array[] = [];
    for (let i = 0; i < size * 100; i++) held.push(new Uint8Array(8 << 20).fill(1));
    return { held: { pieces: Float64Array.of(held.length) } };
  },
});
`,
    );
    await ok('modelops-bundle', 'init', 'hungry', '--env', 'team');
    await ok('modelops-bundle', 'register-model', 'models/hungry.ts');
    const sizes = [0, 0.01, 0.02, 9, 0.03, 0.04, 0.05, 0.06];
    const study = {
      model: 'models/hungry.ts:Hungry',
      parameter_sets: sizes.map((size) => ({ size })),
      sampling_method: 'manual',
      n_replicates: 1,
    };
    writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify(study));
    const { job, status, status_code } = await submit('--wait', '--timeout', '200', '--workers', '2');
    expect({ status, status_code }).toEqual({ status: 'partial', status_code: 10 });
    const { failures, progress } = await statusOf(job);
    expect(progress.done).toBe(7);
    expect(failures).toMatchObject([{ count: 1, message: expect.stringMatching(/out of memory/) }]);
    console.warn(`out of memory: ${failures[0]!.type}: ${failures[0]!.message}`);
    expect(failures[0]!.message).toMatch(/limit|512/);
  });

  it('names an image that cannot be pulled, and cancels to no pods', async () => {
    await infraUp('team', '--image', `${lab!.registry}/modelops/none:1`);
    await prepareStudy('epi-sim', 4, 2);
    const { job } = await submit();
    await until(
      () => statusOf(job),
      ({ engine }) => engine?.problems.some(({ message }) => message.includes('modelops/none:1')) === true,
    );
    expect(await ok('mops', 'jobs', 'status', job, '--env', 'team')).toMatch(/ImagePull/);
    await ok('mops', 'jobs', 'cancel', job, '--env', 'team');
    expect((await statusOf(job)).status).toBe('cancelled');
    expect(await podsOf(job)).toEqual([]);
  });

  it('names a quota of no pods, and cancels', async () => {
    await kubectlApply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace }, spec: { hard: { pods: '0' } } });
    await until(
      () => kubectl('get', 'resourcequota', 'none', '--namespace', namespace, '--output', 'jsonpath={.status.hard.pods}'),
      (hard) => hard === '0',
    );
    try {
      await prepareStudy('epi-sim', 4, 2);
      const { job } = await submit();
      const { engine } = await until(
        () => statusOf(job),
        ({ engine: seen }) => (seen?.problems.length ?? 0) > 0,
      );
      expect(engine!.problems).toEqual([{ reason: 'FailedCreate', message: expect.stringContaining('exceeded quota: none') }]);
      await ok('mops', 'jobs', 'cancel', job, '--env', 'team');
      expect((await statusOf(job)).status).toBe('cancelled');
    } finally {
      await kubectl('delete', 'resourcequota', 'none', '--namespace', namespace);
    }
  });

  it('keeps the account key out of every object but Secrets', async () => {
    const key = /AccountKey=([^;]+)/.exec(azurite.connectionString)![1]!;
    const others = await kubectl('get', 'jobs,pods,events,configmaps,serviceaccounts', '--namespace', namespace, '--output', 'json');
    expect(others).not.toContain(key);
    expect(readFileSync(join(laptop.home, 'bundle-env/team.yaml'), 'utf8')).toContain(key);
  });
});
