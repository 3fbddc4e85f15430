import * as z from 'zod';
import { formatCount } from './format-count.ts';
import { parseScenario, parseSourceName } from './identity/entrypoint.ts';
import { isOldJob, readOldJob } from './job/old-job.ts';
import { isSeeded } from './parameter-set-entry.ts';
import { checkedBy } from './parsed-by.ts';
import { parseValue, readJson } from './parsing.ts';
import { parameterSetEntries, seed } from './study-entry.ts';

/** A field that defaults to `empty`, also where older programs wrote null. */
function orElse<S extends z.ZodType>(schema: S, empty: z.output<S>) {
  return schema.nullish().transform((value): z.output<S> => value ?? empty);
}

/** Which seeds the replicates of a parameter set get: different ones in each set, or the same ones in all sets. */
export const SEED_SCHEMES = ['per-set', 'common'] as const;

/** The fields of a study. {@link studySchema} checks them together. */
export const studyFields = z.lazy(() =>
  z.strictObject({
    model: checkedBy(z.string(), parseSourceName),
    scenario: checkedBy(z.string(), parseScenario).default('baseline'),
    parameter_sets: parameterSetEntries,
    sampling_method: z.string().default('manual'),
    n_replicates: z.int().min(1).max(1_000_000_000).default(1),
    seed_scheme: z.enum(SEED_SCHEMES).default('per-set'),
    /** The study seed, 0 unless given; with `seed_scheme: common` only. */
    seed: seed.optional(),
    outputs: z.array(z.string().min(1)).min(1, 'null keeps all outputs').nullable().default(null),
    targets: orElse(z.array(checkedBy(z.string(), parseSourceName)), []),
    metadata: orElse(z.record(z.string(), z.unknown()), {}),
  }),
);

/** Maximum number of tasks of a job: up to it every program counts and lists them in seconds, and in memory. */
export const MAX_TASKS = 2 ** 24;

type Counted = Pick<z.output<typeof studyFields>, 'parameter_sets' | 'n_replicates'>;
/** An upper bound: entries with equal values are one set. */
export const isWithinMaxTasks = ({ parameter_sets, n_replicates }: Counted): boolean =>
  parameter_sets.reduce((sum, entry) => sum + (isSeeded(entry) ? 1 : n_replicates), 0) <= MAX_TASKS;
export const tooManyTasks = (): { path: string[]; message: string } => ({
  path: ['n_replicates'],
  message: `the study has more than ${formatCount(MAX_TASKS)} tasks: use fewer replicates, or split it`,
});

/** A design without its code, written by `cb`. Unknown fields are refused: a person may have written it. */
export const studySchema = z.lazy(() =>
  studyFields
    .unwrap()
    .refine(isWithinMaxTasks, tooManyTasks())
    .refine((study) => study.seed === undefined || study.seed_scheme === 'common', {
      path: ['seed'],
      message: 'has no effect without "seed_scheme": "common"',
    }),
);

export type SimulationStudy = Readonly<z.output<typeof studySchema>>;

export interface LoadedStudy {
  readonly study: SimulationStudy;
  /** What is deprecated in the file, naming the replacement; for stderr. */
  readonly warnings: readonly string[];
  /** What a job of an older version was bound to; a study is bound to nothing. */
  readonly bound?: { readonly bundleRef: string | undefined; readonly config: Readonly<Record<string, unknown>> | null };
}

/**
 * Parses a study's JSON text. `parameter_sets: [{"params": {...}}]` (the ParameterSet wrapper) and jobs with `batches` (SimBatch) load
 * with a warning. @throws STUDY_INVALID naming `source` and every problem with its path.
 */
export function parseStudy(text: string, source: string): LoadedStudy {
  return parseStudyValue(readJson(text, contextOf(source)), source);
}

/** The same for a value that has been read, from YAML for example. @throws STUDY_INVALID */
export function parseStudyValue(value: unknown, source: string): LoadedStudy {
  if (isOldJob(value)) {
    const { study, warnings, ...bound } = readOldJob(value, contextOf(source));
    return { study: parseValue(study, studySchema, contextOf(source)), warnings, bound };
  }
  const { value: unwrapped, warnings } = unwrapParameterSets(value, source);
  return { study: parseValue(unwrapped, studySchema, contextOf(source)), warnings };
}

const contextOf = (source: string) => ({ source, code: 'STUDY_INVALID' as const, hint: 'cb sampling … writes a valid study' });

function unwrapParameterSets(value: unknown, source: string): { value: unknown; warnings: string[] } {
  const sets = (value as { parameter_sets?: unknown } | null)?.parameter_sets;
  if (!Array.isArray(sets) || !sets.some(isWrapped)) return { value, warnings: [] };
  return {
    value: { ...(value as object), parameter_sets: sets.map((set) => (isWrapped(set) ? set.params : set)) },
    warnings: [`${source}: parameter_sets: [{"params": {...}}] is deprecated; write the values as plain objects: parameter_sets: [{...}]`],
  };
}

function isWrapped(value: unknown): value is { params: unknown } {
  return (
    typeof value === 'object' && value !== null && Object.keys(value).length === 1 && 'params' in value && typeof value.params === 'object'
  );
}
