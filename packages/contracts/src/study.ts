import { z } from 'zod';
import { parseScenario, parseSourceName } from './identity/entrypoint.ts';
import { isParamValue, type ParamValues } from './identity/param-id.ts';
import { type JsonSeed, parseSeed } from './identity/seed.ts';
import { parseValue, readJson } from './parsing.ts';

/** A refinement that reports what a parser throws as a problem of this field. */
const accepts = (parse: (value: never) => unknown) => (value: unknown, context: z.RefinementCtx) => {
  try {
    parse(value as never);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
};

const paramValue = z.custom<boolean | number | string>(isParamValue, 'a value is a boolean, a finite number or a string');
const paramValues = z.record(z.string().min(1), paramValue);
const seed = z.custom<JsonSeed>().superRefine(accepts(parseSeed));
const seededSet = z.strictObject({ params: paramValues, seed });

/** One entry of `parameter_sets`: plain values (replicated `n_replicates` times), or values with an explicit seed (one task). */
export type ParameterSetEntry = ParamValues | { readonly params: ParamValues; readonly seed: JsonSeed };

const entry = z.unknown().transform((value, context): ParameterSetEntry => {
  const parsed = (isSeeded(value) ? seededSet : paramValues).safeParse(value);
  if (parsed.success) return parsed.data as ParameterSetEntry;
  for (const issue of parsed.error.issues) context.addIssue({ ...issue } as never);
  return z.NEVER;
});

/** A bundle-agnostic experiment design, written by `cb` (DESIGN §4). Unknown fields are refused: a person may have written it. */
export const studySchema = z.strictObject({
  model: z.string().superRefine(accepts(parseSourceName)),
  scenario: z.string().superRefine(accepts(parseScenario)).default('baseline'),
  parameter_sets: z.array(entry).min(1, 'a study needs at least one parameter set'),
  sampling_method: z.string().default('manual'),
  n_replicates: z.int().min(1).max(1_000_000_000).default(1),
  outputs: z.array(z.string().min(1)).min(1, 'null keeps all outputs').nullable().default(null),
  targets: z.array(z.string().superRefine(accepts(parseSourceName))).default([]),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

export type SimulationStudy = Readonly<z.output<typeof studySchema>>;

/** True for an entry `{params, seed}`; a model's own parameters may have any other names. */
export function isSeeded(value: unknown): value is { params: ParamValues; seed: JsonSeed } {
  return typeof value === 'object' && value !== null && 'params' in value && 'seed' in value && typeof value.params === 'object';
}

export interface LoadedStudy {
  readonly study: SimulationStudy;
  /** What is deprecated in the file, naming the replacement; for stderr. */
  readonly warnings: readonly string[];
}

/**
 * Parses a study's JSON text. `parameter_sets: [{"params": {...}}]` (the ParameterSet wrapper) loads with a warning.
 * @throws STUDY_INVALID naming `source` and every problem with its path.
 */
export function parseStudy(text: string, source: string): LoadedStudy {
  return parseStudyValue(readJson(text, contextOf(source)), source);
}

/** The same for a value already read (from YAML, say). @throws STUDY_INVALID */
export function parseStudyValue(value: unknown, source: string): LoadedStudy {
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
