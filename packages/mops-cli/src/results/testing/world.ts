import {
  aggregationIdOf,
  canonicalJson,
  type Digest,
  digestOf,
  type JobSpec,
  jobSpecSchema,
  keys,
  type OutputTable,
  type ParamValues,
} from '@modelops/contracts';
import {
  type AggregationRow,
  createJobRegistry,
  createMemoryObjectStore,
  createProvenanceStore,
  newJobId,
  type ObjectStore,
  packName,
  writeAttribution,
} from '@modelops/store';
import { createJob, indexResults, type Job, type Stores, verifyOutputs } from '@modelops/worker';
import { joinTables } from '../tree/join-tables.ts';

export interface MadeJob {
  readonly sets: readonly (ParamValues | { readonly params: ParamValues; readonly seed: number | string })[];
  readonly replicates?: number;
  readonly scenario?: string;
  readonly outputs?: readonly string[];
  readonly targets?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface WrittenPack {
  readonly failed?: readonly number[];
  /** The table of one task's output; a table of one row by default. */
  readonly table?: (task: number, output: string) => OutputTable['columns'];
}

/** An environment in memory, and jobs whose packs are written by the test. */
export interface World {
  readonly stores: Stores;
  register(made: MadeJob): Promise<Job>;
  /** Writes tasks of a job as one pack, with their attribution. */
  compute(job: Job, tasks: readonly number[], pack?: WrittenPack): Promise<string>;
  attribute(job: Job, attempt: number, tasks: readonly number[], source: 'computed' | 'reused'): Promise<void>;
  aggregate(job: Job, rows: readonly AggregationRow[]): Promise<void>;
  /** Writes an aggregation of each set and target with the loss that the function returns, then the files in `results/<job>/`. */
  index(job: Job, lossOf?: (set: number, target: string) => number | null): Promise<void>;
}

export const MODEL: Digest = digestOf('model');
const BUNDLE: Digest = digestOf('bundle');

/** In memory, or in the given store. */
export function createWorld(objects: ObjectStore = createMemoryObjectStore()): World {
  const clock = { now: Date.parse('2026-03-01T12:00:00.000Z') };
  const random = () => (clock.now % 9973) / 9973;
  const now = () => {
    clock.now += 1000;
    return clock.now;
  };
  const stores: Stores = {
    objects,
    cached: objects,
    registry: createJobRegistry(objects, { now: () => new Date(clock.now) }),
    provenance: createProvenanceStore(objects, { now: () => clock.now }),
    now,
    random,
  };
  const attribute: World['attribute'] = (job, attempt, tasks, source) =>
    writeAttribution(
      objects,
      keys.attribution(job.id, attempt, tasks[0] ?? 0),
      tasks.map((task) => ({ task_id: job.tasks.idAt(task), source })),
    );
  return {
    stores,
    attribute,
    async register(made) {
      const spec = specOf(made, now(), random);
      await stores.registry.register(spec, { tasks_total: 0, expected_outputs: null });
      return createJob(spec);
    },
    async compute(job, tasks, { failed = [], table = tableOf } = {}) {
      const name = packName(now(), random);
      const outputs = Object.fromEntries(
        job.spec.binding.outputs.map((output) => [
          output,
          joinTables(tasks.map((task) => (failed.includes(task) ? [] : table(task, output)))),
        ]),
      );
      const simulations = tasks.map((task) => {
        const { param_id, values } = job.tasks.paramsAt(job.tasks.groupOf(task).set);
        const isFailed = failed.includes(task);
        return {
          task_id: job.tasks.idAt(task),
          param_id,
          params: canonicalJson(values),
          seed: BigInt(job.tasks.seedAt(task)),
          status: isFailed ? ('failed' as const) : ('ok' as const),
          error: isFailed ? '{"kind":"exception","type":"Error","message":"no"}' : null,
          started_at: clock.now,
          duration_ms: 1.25,
        };
      });
      await stores.provenance.writeSimulations(job.sims, { name, simulations, outputs, job_id: job.id, worker: 'host/0' });
      const ok = tasks.filter((task) => !failed.includes(task));
      if (ok.length > 0) await attribute(job, 1, ok, 'computed');
      return name;
    },
    async aggregate(job, rows) {
      const target = job.spec.binding.targets[0]!.name;
      await stores.provenance.writeAggregations(job.aggs(target), { name: packName(now(), random), rows });
    },
    async index(job, lossOf = (set) => set) {
      const { existingIn } = await verifyOutputs(job, stores);
      for (const { name, digest } of job.spec.binding.targets) {
        const rows = Array.from(existingIn, (count, set): AggregationRow | undefined => {
          const { start, end } = job.tasks.groupAt(set);
          if (count < end - start) return undefined;
          const ids = Array.from({ length: count }, (_, at) => job.tasks.idAt(start + at));
          return {
            aggregation_id: aggregationIdOf(name, digest, ids),
            param_id: job.tasks.paramsAt(set).param_id,
            target: name,
            loss: lossOf(set, name),
            n_replicates: count,
            diagnostics: '{}',
            computed_at: new Date(now()).toISOString(),
            job_id: job.id,
            reason: lossOf(set, name) === null ? 'no overlap' : null,
          };
        });
        const written = rows.filter((row) => row !== undefined);
        await stores.provenance.writeAggregations(job.aggs(name), { name: packName(now(), random), rows: written });
      }
      await indexResults(job, await verifyOutputs(job, stores), stores);
    },
  };
}

function specOf(
  { sets, replicates = 1, scenario = 'baseline', outputs, targets = [], config }: MadeJob,
  at: number,
  random: () => number,
): JobSpec {
  return jobSpecSchema.parse({
    schema_version: 1,
    job_id: newJobId(new Date(at), random),
    created_at: new Date(at).toISOString(),
    study: { model: 'models/seir.ts:SEIR', scenario, parameter_sets: sets, n_replicates: replicates, outputs: outputs ?? null },
    binding: {
      bundle_ref: `team/epi@${BUNDLE}`,
      bundle_digest: BUNDLE,
      model_digest: MODEL,
      entrypoint: `models.seir.SEIR/${scenario}`,
      code: MODEL,
      targets: targets.map((name) => ({ name, source: `targets/${name}.ts:${name}`, digest: digestOf(name), output: 'prevalence' })),
      outputs: outputs ?? ['prevalence'],
      config: config ?? null,
    },
  });
}

function tableOf(task: number): OutputTable['columns'] {
  return [{ name: 'infected', values: Float64Array.of(task) }];
}
