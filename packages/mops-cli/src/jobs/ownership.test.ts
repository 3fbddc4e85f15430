import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReporter } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { isTerminal, type JobSpec, type JobStatus, jobSpecSchema, keys, localEnvironment, type Owner } from '@modelops/contracts';
import { createJobRegistry, createMemoryObjectStore, createProvenanceStore, type ObjectStore } from '@modelops/store';
import { formatProcess, identifyProcess } from '@modelops/system';
import { createJob, type Stores } from '@modelops/worker';
import { describe, expect, it } from 'vitest';
import type { OpenEnvironment } from '../deps.ts';
import type { Engine, EngineView } from '../engines/engine.ts';
import { cancelJob } from './cancel-job.ts';
import { describeFailures } from './describe-failures.ts';
import { createJobDescriber } from './describe-job.ts';
import { outputTotals } from './output-totals.ts';
import { planEverything } from './plan-groups.ts';
import { readJobLogs } from './read-job-logs.ts';
import { resumeJob } from './resume-job.ts';
import { startAttempt } from './start-attempt.ts';
import { syncJob } from './sync-job.ts';
import { validateJob } from './validate-job.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const SPEC: JobSpec = jobSpecSchema.parse({
  schema_version: 1,
  job_id: 'job-0000000a1b2c3',
  created_at: '2026-03-01T12:00:00.000Z',
  study: { model: 'models/seir.ts:SEIR', parameter_sets: [{ beta: 1 }, { beta: 2 }], n_replicates: 2 },
  binding: {
    bundle_ref: digest,
    bundle_digest: digest,
    model_digest: digest,
    entrypoint: 'models.seir.SEIR/baseline',
    code: digest,
    targets: [],
    outputs: ['prevalence'],
  },
});
const JOB = SPEC.job_id;
const MINUTE = 60_000;
const NONE = { active: 0, succeeded: 0, failed: 0 };
const machine = (name: string, home = '/home/ada'): Owner => ({ kind: 'machine', machine: name, home, host: name });
const deps = { cwd: '/nowhere', home: '/nowhere/.modelops', reporter: createReporter(createMemoryIo(), { isQuiet: true }) };
const everything = { isAllowed: () => true, takeOver: false };

/** A shared store with a clock set by the test, and a count of writes. */
function openTeam() {
  const memory = createMemoryObjectStore();
  const writes: string[] = [];
  const objects: ObjectStore = {
    ...memory,
    put: (key, bytes, condition) => {
      writes.push(`put ${key}`);
      return memory.put(key, bytes, condition);
    },
    delete: (key) => {
      writes.push(`delete ${key}`);
      return memory.delete(key);
    },
  };
  const clock = { now: Date.parse('2026-03-01T12:00:00Z') };
  return { objects, writes, clock };
}

type Team = ReturnType<typeof openTeam>;

/** One user's mops: an engine that observes only the attempts that it started. */
function openMops(owner: Owner, { objects, clock }: Team) {
  const now = () => clock.now;
  const running = new Set<number>();
  const stopped: number[] = [];
  const engine: Engine & { readonly running: Set<number>; readonly stopped: number[] } = {
    name: 'local',
    widthOf: () => ({ workers: 2, slots: 1 }),
    running,
    stopped,
    owner: async () => owner,
    start: async (_spec, { n }) => {
      running.add(n);
      return { name: `attempt-${n}` };
    },
    observe: async (_job, { n }): Promise<EngineView> =>
      running.has(n) ? { phase: 'running', workers: { ...NONE, active: 1 }, problems: [] } : { phase: 'gone', workers: NONE, problems: [] },
    stop: async (_job, { n }) => {
      stopped.push(n);
      running.delete(n);
    },
    forget: async () => undefined,
    logs: async function* () {
      yield { worker: 0, source: 'log', text: 'line' };
    },
  };
  const registry = createJobRegistry(objects, { now: () => new Date(now()) });
  const provenance = createProvenanceStore(objects, { now });
  const stores: Stores = { objects, cached: objects, registry, provenance, now, random: () => 0.5 };
  const opened: OpenEnvironment = {
    name: 'team',
    environment: localEnvironment('/home'),
    stores,
    engine,
    machine: owner,
    cacheDir: '/cache',
  };
  return { registry, engine, opened };
}

type Mops = ReturnType<typeof openMops>;

const job = createJob(SPEC);
const register = ({ registry, opened }: Mops) =>
  registry.register(SPEC, { tasks_total: 4, expected_outputs: outputTotals(job), submitter: opened.machine });

async function submit(mops: Mops) {
  await register(mops);
  const submission = await mops.registry.transition(JOB, { to: 'submitting' }, { submitter: mops.opened.machine });
  const divide = async () => planEverything(job);
  return startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, mops.opened);
}

const linesOf = async (lines: AsyncIterable<string>) => {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
};

describe.each([
  ['another machine', machine('desktop')],
  ['another home on the same machine', machine('laptop', '/home/bob')],
])('a job that runs on a laptop, from %s', (_name, elsewhere) => {
  async function openBoth() {
    const team = openTeam();
    const [ada, bob] = [openMops(machine('laptop'), team), openMops(elsewhere, team)];
    await submit(ada);
    await ada.registry.transition(JOB, { to: 'running' });
    team.clock.now += 60 * MINUTE;
    return { team, ada, bob };
  }

  it('is shown as unknown, with where it runs', async () => {
    const { bob } = await openBoth();
    expect(await createJobDescriber(bob.opened)(JOB)).toMatchObject({
      status: 'running',
      engine: { phase: 'unknown', runs_on: 'host laptop (/home/ada)' },
      repair: 'none',
      elsewhere: 'host laptop (/home/ada)',
    });
  });

  it('is not ended by sync, validate or resume', async () => {
    const { team, ada, bob } = await openBoth();
    team.writes.length = 0;
    expect(await syncJob(JOB, everything, bob.opened)).toMatchObject({ status: 'running', engine: 'unknown', repair: 'none' });
    expect(await validateJob(JOB, { force: true }, bob.opened)).toMatchObject({ status: 'running', checked: false });
    await expect(resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, bob.opened, deps)).rejects.toMatchObject({
      code: 'ILLEGAL_TRANSITION',
    });
    expect(team.writes).toEqual([]);
    expect(ada.engine.running).toEqual(new Set([1]));
  });

  it('has its logs on the other machine', async () => {
    const { ada, bob } = await openBoth();
    const all = { index: undefined, tail: undefined, attempt: undefined };
    expect(await linesOf(readJobLogs(JOB, all, ada.opened))).toEqual(['[0] line']);
    await expect(linesOf(readJobLogs(JOB, all, bob.opened))).rejects.toMatchObject({
      code: 'RESULT_NOT_FOUND',
      message: expect.stringContaining('host laptop (/home/ada)'),
    });
  });

  it('is cancelled through the store: its workers read the record, and no engine here is called', async () => {
    const { ada, bob } = await openBoth();
    expect(await cancelJob(JOB, bob.opened)).toEqual({
      job: JOB,
      before: 'running',
      status: 'cancelled',
      stops_on: 'host laptop (/home/ada)',
    });
    expect(bob.engine.stopped).toEqual([]);
    expect((await ada.registry.state(JOB)).status).toBe('cancelled');
    expect(await cancelJob(JOB, ada.opened)).toMatchObject({ stops_on: null });
    expect(ada.engine.stopped).toEqual([1]);
  });

  it('is validated by its outputs after a take-over, and can then be resumed', async () => {
    const { ada, bob } = await openBoth();
    expect(await syncJob(JOB, { ...everything, takeOver: true }, bob.opened)).toMatchObject({ before: 'running', status: 'failed' });
    const resumed = await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, bob.opened, deps);
    expect(resumed).toMatchObject({ attempt: 2, tasks: 4 });
    expect((await ada.registry.state(JOB)).attempts.map(({ owner }) => owner)).toEqual([elsewhere, elsewhere]);
    expect(bob.engine.running).toEqual(new Set([2]));
  });
});

describe('read-only commands', () => {
  it.each<[string, (mops: Mops) => Promise<void>]>([
    ['a submission that died', async (mops) => void (await register(mops))],
    [
      'workers that died',
      async (mops) => {
        await submit(mops);
        mops.engine.running.clear();
      },
    ],
  ])('at %s writes nothing, and says what would repair it', async (_name, leave) => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    await leave(ada);
    team.clock.now += 60 * MINUTE;
    team.writes.length = 0;
    const report = await createJobDescriber(ada.opened)(JOB);
    expect(['abandon', 'validate']).toContain(report.repair);
    await describeFailures(JOB, ada.opened);
    const listed: JobStatus[] = [];
    for await (const { status } of ada.registry.list({ status: ['pending', 'scheduled'] })) listed.push(status);
    expect(listed).toHaveLength(1);
    expect(team.writes).toEqual([]);
    expect(isTerminal((await syncJob(JOB, everything, ada.opened)).status)).toBe(true);
  });
});

describe('a submission', () => {
  /** A submission whose division takes until the test ends it. */
  async function openSlow(team: Team) {
    const ada = openMops(machine('laptop'), team);
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    let finish = () => {};
    const divided = new Promise<void>((resolve) => (finish = resolve));
    const divide = () => divided.then(() => planEverything(job));
    const started = startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, { ...ada.opened, renewEveryMs: 5 });
    started.catch(() => undefined);
    return { ada, started, finish };
  }

  const untilRenewed = async ({ registry }: Mops, at: number) => {
    while (Date.parse((await registry.state(JOB)).updated_at) < at) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('that is slow renews its record, and is not repaired', async () => {
    const team = openTeam();
    const { ada, started, finish } = await openSlow(team);
    for (let minutes = 0; minutes < 3; minutes++) {
      team.clock.now += 2 * MINUTE;
      await untilRenewed(ada, team.clock.now);
      expect(await syncJob(JOB, everything, ada.opened)).toMatchObject({ status: 'submitting', repair: 'none' });
    }
    finish();
    expect(await started).toMatchObject({ state: { status: 'scheduled' }, n: 1 });
    expect(ada.engine.running).toEqual(new Set([1]));
  });

  it('that stopped renewing is ended only by its own machine, and starts nothing when it continues', async () => {
    const team = openTeam();
    const [ada, bob] = [openMops(machine('laptop'), team), openMops(machine('desktop'), team)];
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    team.clock.now += 2 * MINUTE;
    expect(await syncJob(JOB, everything, bob.opened)).toMatchObject({
      status: 'submitting',
      repair: 'none',
      elsewhere: 'host laptop (/home/ada)',
    });
    expect(await syncJob(JOB, everything, ada.opened)).toMatchObject({ status: 'failed', repair: 'abandon' });
    const resumed = await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, ada.opened, deps);
    expect(resumed).toMatchObject({ attempt: 1 });
    const divide = async () => planEverything(job);
    await expect(startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, bob.opened)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(bob.engine.running.size).toBe(0);
    expect(await ada.registry.state(JOB)).toMatchObject({ status: 'scheduled', attempts: [{ n: 1 }] });
  });

  it('that died is resumed at once, with the reason in the history', async () => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    await register(ada);
    team.clock.now += 2 * MINUTE;
    expect(await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, ada.opened, deps)).toMatchObject({
      attempt: 1,
      tasks: 4,
    });
    const { history } = await ada.registry.state(JOB);
    expect(history.map(({ reason }) => reason).join()).toMatch(/submission stopped before any worker started/);
  });

  it('whose process was killed is resumed without waiting, but not while the process is alive', async () => {
    const team = openTeam();
    const child = spawn('sleep', ['1000']);
    const process = formatProcess(identifyProcess(child.pid!));
    const [ada, bob] = [openMops({ ...machine('laptop'), process }, team), openMops(machine('laptop'), team)];
    await register(ada);
    await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    const resume = () => resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, bob.opened, deps);
    await expect(resume()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await createJobDescriber(bob.opened)(JOB)).toMatchObject({ status: 'submitting', repair: 'abandon' });
    expect(await resume()).toMatchObject({ attempt: 1, tasks: 4 });
  });

  it('that is interrupted before its workers start fails, and can be resumed', async () => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' });
    const divide = async () => planEverything(job);
    await expect(
      startAttempt(job, { n: 1, submission, divide, width: { workers: 1 }, signal: AbortSignal.abort() }, ada.opened),
    ).rejects.toMatchObject({ code: 'INTERRUPTED', hint: `mops jobs resume ${JOB}` });
    expect(ada.engine.running.size).toBe(0);
    expect(await ada.registry.state(JOB)).toMatchObject({ status: 'failed', attempts: [] });
    expect(await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, ada.opened, deps)).toMatchObject({
      attempt: 2,
    });
  });
});

describe('the plan of an attempt', () => {
  it('is never overwritten: the next number is taken', async () => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    const left = new TextEncoder().encode('{"schema_version":1}');
    await team.objects.put(keys.plan(JOB, 1), left);
    expect(await submit(ada)).toMatchObject({ n: 2 });
    expect((await team.objects.get(keys.plan(JOB, 1)))!.bytes).toEqual(left);
    expect(await ada.registry.state(JOB)).toMatchObject({ attempts: [{ n: 2, owner: machine('laptop'), k8s_name: 'attempt-2' }] });
  });
});
