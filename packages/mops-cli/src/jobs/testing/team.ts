import { createReporter } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { type JobSpec, jobSpecSchema, localEnvironment, type Owner } from '@modelops/contracts';
import { createJobRegistry, createMemoryObjectStore, createProvenanceStore, type ObjectStore } from '@modelops/store';
import { createJob, type Stores } from '@modelops/worker';
import type { OpenEnvironment } from '../../deps.ts';
import type { Engine, EngineView } from '../../engines/engine.ts';
import { outputTotals } from '../bind-study.ts';
import { planEverything } from '../plan-groups.ts';
import { startAttempt } from '../start-attempt.ts';

const digest = `sha256:${'a'.repeat(64)}`;
export const SPEC: JobSpec = jobSpecSchema.parse({
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
export const JOB = SPEC.job_id;
export const MINUTE = 60_000;
const NONE = { active: 0, succeeded: 0, failed: 0 };
export const machine = (name: string, home = '/home/ada'): Owner => ({ kind: 'machine', machine: name, home, host: name });
export const deps = { cwd: '/nowhere', home: '/nowhere/.modelops', reporter: createReporter(createMemoryIo(), { isQuiet: true }) };
export const everything = { isAllowed: () => true, takeOver: false };

/** A shared store with a clock set by the test, and a count of writes. */
export function openTeam() {
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

export type Team = ReturnType<typeof openTeam>;

/** One user's mops: an engine that observes only the attempts that it started. */
export function openMops(owner: Owner, { objects, clock }: Team) {
  const now = () => clock.now;
  const running = new Set<number>();
  const stopped: number[] = [];
  let width = 2;
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
    scale: async (_job, _attempt, workers) => {
      const before = width;
      width = workers;
      return { before };
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

export type Mops = ReturnType<typeof openMops>;

/** The job of {@link SPEC}: two parameter sets with two replicates each, without targets. */
export const job = createJob(SPEC);
export const register = ({ registry, opened }: Mops) =>
  registry.register(SPEC, { tasks_total: 4, expected_outputs: outputTotals(job), submitter: opened.machine });

/** Registers the job and starts its first attempt. */
export async function submit(mops: Mops) {
  await register(mops);
  const submission = await mops.registry.transition(JOB, { to: 'submitting' }, { submitter: mops.opened.machine });
  const divide = async () => planEverything(job);
  return startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, mops.opened);
}
