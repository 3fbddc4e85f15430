import * as z from 'zod';
import type { Problem } from '../errors.ts';
import { canonicalJson } from '../identity/canonical-json.ts';
import { type ParamValues, paramIdOf } from '../identity/param-id.ts';
import { parseSeed, replicateSeed } from '../identity/seed.ts';
import { type ParseContext, parseValue, problemsError } from '../parsing.ts';
import { paramValues, seed } from '../study-entry.ts';

/** The values, from `{param_id, values}`, `{param_id, params}` or the plain record. */
function valuesOf(params: unknown): unknown {
  if (typeof params !== 'object' || params === null || !('param_id' in params)) return params;
  return 'values' in params ? params.values : 'params' in params ? params.params : params;
}

const taskSchema = z.lazy(() =>
  z.looseObject({
    bundle_ref: z.string().optional(),
    /** `models.seir.StochasticSEIR/baseline`, or `models/seir.py:StochasticSEIR/baseline`. */
    entrypoint: z.string().regex(/^.+[.:][^./:]+\/[^/]+$/, 'expected an entry point import.path.Class/scenario'),
    params: z.preprocess(valuesOf, paramValues),
    seed,
    outputs: z.array(z.string()).nullable().default(null),
    config: z.record(z.string(), z.unknown()).nullable().default(null),
  }),
);
const tasks = z.lazy(() => z.array(taskSchema).min(1, 'a job needs at least one task'));
const jobSchema = z.lazy(() =>
  z.looseObject({
    bundle_ref: z.string().optional(),
    batches: z.array(z.looseObject({ tasks })).optional(),
    tasks: tasks.optional(),
    metadata: z.record(z.string(), z.unknown()).nullable().default({}),
  }),
);

type OldTask = z.output<typeof taskSchema>;

/** A job that lists its tasks, converted to a study with the same tasks. */
export interface OldJob {
  /** As in a study file. */
  readonly study: Readonly<Record<string, unknown>>;
  readonly bundleRef: string | undefined;
  readonly config: Readonly<Record<string, unknown>> | null;
  /** What is deprecated in it, naming the replacement. */
  readonly warnings: readonly string[];
}

/** True for a job that lists its tasks: `batches: [{batch_id, tasks}]`, or `tasks`. */
export function isOldJob(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !('parameter_sets' in value) && ('batches' in value || 'tasks' in value);
}

/**
 * Reads a job that the original Python system wrote. Unknown fields are ignored. Tasks with equal
 * values become one set, in order of first appearance; a plain parameter set when their seeds are those of its replicates. @throws the context's code with every problem and its path
 */
export function readOldJob(value: object, context: ParseContext): OldJob {
  const job = parseValue(value, jobSchema, context);
  const ofJob = { source: context.source, code: context.code };
  const all = job.tasks ?? (job.batches ?? []).flatMap((batch) => batch.tasks);
  if (all.length === 0) throw problemsError([{ path: 'batches', message: 'a job needs at least one task' }], ofJob);
  const problems: Problem[] = [];
  const same = <T>(noun: string, read: (task: OldTask) => T): T => {
    const distinct = new Set(all.map((task) => canonicalJson(read(task) ?? null)));
    if (distinct.size > 1)
      problems.push({
        path: 'tasks',
        message: `tasks differ in their ${noun}: a study has one`,
        fix: 'submit one file for each',
      });
    return read(all[0]!);
  };
  const entrypoint = same('entry point', (task) => task.entrypoint);
  const outputs = same('outputs', (task) => task.outputs);
  const config = same('config', (task) => task.config);
  const bundleRef = same('bundle', (task) => task.bundle_ref ?? job.bundle_ref);
  if (problems.length > 0) throw problemsError(problems, ofJob);
  const slash = entrypoint.lastIndexOf('/');
  const study = {
    model: sourceOf(entrypoint.slice(0, slash)),
    scenario: entrypoint.slice(slash + 1),
    ...parameterSetsOf(all),
    outputs,
    metadata: job.metadata ?? {},
  };
  const warning = `${context.source}: batches: [{batch_id, tasks}] is deprecated; write a study instead: parameter_sets: [{...}], n_replicates: N`;
  return { study, bundleRef, config, warnings: job.batches === undefined ? [] : [warning] };
}

/** `models.seir:StochasticSEIR`, from `models.seir.StochasticSEIR` or a name with a colon. */
function sourceOf(path: string): string {
  return path.includes(':') ? path : path.replace(/\.([^.]+)$/, ':$1');
}

function parameterSetsOf(all: readonly OldTask[]): { readonly parameter_sets: readonly unknown[]; readonly n_replicates?: number } {
  const groups = new Map<string, { params: ParamValues; seeds: OldTask['seed'][] }>();
  for (const task of all) {
    const id = paramIdOf(task.params);
    const group = groups.get(id) ?? { params: task.params, seeds: [] };
    group.seeds.push(task.seed);
    groups.set(id, group);
  }
  const sets = [...groups.values()];
  const n = sets[0]!.seeds.length;
  const isPlain = sets.every(({ params, seeds }) => {
    const id = paramIdOf(params);
    return seeds.length === n && seeds.every((given, replicate) => parseSeed(given) === BigInt(replicateSeed(id, replicate)));
  });
  if (isPlain) return { parameter_sets: sets.map(({ params }) => params), n_replicates: n };
  return { parameter_sets: sets.flatMap(({ params, seeds }) => seeds.map((given) => ({ params, seed: given }))) };
}
