import { messageOf, type NamedColumn, type OutputTable } from '@modelops/contracts';
import * as z from 'zod';
import { type ColumnType, decodeColumn, MAX_COLUMNS } from './columns.ts';
import type { Frame } from './frames.ts';
import type { Evaluation, LoadMessage, RanMessage, RunMessage } from './messages.ts';
import { type TaskError, taskErrorSchema } from './task-error.ts';

// A model's code can write to the descriptors of its host, so messages of a host are not trusted: they are parsed here completely before use.

const columnSchema = () => z.object({ name: z.string().max(1000), type: z.enum(['float64', 'int32', 'int64', 'utf8', 'bool']) });
const tableSchema = () => z.object({ output: z.string(), columns: z.array(columnSchema()).max(MAX_COLUMNS) });
const ranSchema = z.lazy(() =>
  z.object({
    type: z.literal('ran'),
    errors: z.array(z.object({ task: z.int().nonnegative(), error: taskErrorSchema })),
    tables: z.array(tableSchema()),
  }),
);
const loadedSchema = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('loaded'), heap_limit: z.number().nullish(), fork: z.boolean().optional() }),
    z.object({ type: z.literal('load_failed'), error: taskErrorSchema }),
  ]),
);
const tooLargeSchema = z.lazy(() => z.object({ type: z.literal('too_large'), message: z.string() }));

export type Loaded = z.output<typeof loadedSchema>;

/** @throws Error for an invalid answer to `load` */
export function parseLoaded({ header }: Frame): Loaded {
  return loadedSchema.parse(header);
}

/** The error if the answer to `run` was too large to send. */
export function parseTooLarge({ header }: Frame): TaskError | undefined {
  const parsed = tooLargeSchema.safeParse(header);
  return parsed.success ? { kind: 'exception', type: 'OutputTooLarge', message: parsed.data.message } : undefined;
}

/**
 * The answer to a batch: a table for every requested output, as many row counts and durations as tasks, and in every column as many values as rows.
 * @throws Error for anything else
 */
export function parseRan({ header, buffers }: Frame, { set }: RunMessage, { outputs }: Pick<LoadMessage, 'outputs'>): RanMessage {
  const { errors, tables } = ranSchema.parse(header);
  const count = set.length;
  const next = takeInOrder(buffers);
  const durations = numbers(next(), 'float64', count) as Float64Array;
  for (const duration of durations)
    if (!(duration >= 0 && duration < Number.POSITIVE_INFINITY)) throw new Error(`a duration of ${duration} ms`);
  const failed = new Set(errors.map(({ task }) => task));
  if (failed.size !== errors.length || errors.some(({ task }) => task >= count)) throw new Error('errors of unknown tasks');
  const byOutput: Record<string, OutputTable> = Object.create(null);
  for (const { output, columns } of tables) {
    if (!outputs.includes(output) || output in byOutput) throw new Error(`a table of ${output}, which was not requested`);
    byOutput[output] = takeTable(columns, count, failed, next);
  }
  const missing = outputs.find((output) => !(output in byOutput));
  if (missing !== undefined) throw new Error(`no table of ${missing}`);
  if (next.left() > 0) throw new Error(`${next.left()} unused buffers`);
  return { durations, errors, outputs: { ...byOutput } };
}

function takeInOrder(buffers: readonly Uint8Array[]) {
  let at = 0;
  const next = () => {
    const bytes = buffers[at++];
    if (bytes === undefined) throw new Error(`${buffers.length} buffers, fewer than columns`);
    return bytes;
  };
  return Object.assign(next, { left: () => buffers.length - at });
}

function takeTable(
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  count: number,
  failed: ReadonlySet<number>,
  next: () => Uint8Array,
): OutputTable {
  const rows = numbers(next(), 'int32', count) as Int32Array;
  let total = 0;
  for (let task = 0; task < count; task++) {
    if (rows[task]! < 0 || (rows[task]! > 0 && failed.has(task))) throw new Error(`${rows[task]} rows of task ${task}`);
    total += rows[task]!;
  }
  if (columns.length === 0 && total > 0) throw new Error('rows without columns');
  if (new Set(columns.map(({ name }) => name)).size !== columns.length) throw new Error('a repeated column');
  return { rows, columns: columns.map(({ name, type }) => takeColumn(name, type, total, next())) };
}

function takeColumn(name: string, type: ColumnType, total: number, bytes: Uint8Array): NamedColumn {
  if (type !== 'utf8') return { name, values: numbers(bytes, type, total) };
  const values: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  if (!Array.isArray(values) || values.length !== total || values.some((value) => typeof value !== 'string'))
    throw new Error(`column ${name} is not ${total} texts`);
  return { name, values: values as string[] };
}

const BYTES = { float64: 8, int32: 4, int64: 8, bool: 1 } as const;

function numbers(bytes: Uint8Array, type: keyof typeof BYTES, count: number) {
  if (bytes.byteLength !== BYTES[type] * count) throw new Error(`${bytes.byteLength} bytes for ${count} values of ${type}`);
  return decodeColumn(type, bytes);
}

/** Columns of a table have the same length. */
const tablesSchema = () =>
  z.record(
    z.string(),
    z
      .record(z.string(), z.array(z.union([z.boolean(), z.number(), z.string(), z.null()])))
      .refine((columns) => new Set(Object.values(columns).map(({ length }) => length)).size <= 1, 'the columns differ in length'),
  );

const lossSchema = z.lazy(() =>
  z.object({
    loss: z.number(),
    diagnostics: z.record(z.string(), z.unknown()),
    n_replicates: z.int().nonnegative(),
    outputs: tablesSchema().exactOptional(),
  }),
);
const evaluatedSchema = z.lazy(() =>
  z.object({ type: z.literal('evaluated'), evaluation: z.union([z.object({ error: taskErrorSchema }), lossSchema]) }),
);

/** The answer to `evaluate`. An invalid one is a failure of the target, since it contains the evaluator's return value unchecked. */
export function parseEvaluated({ header }: Frame): Evaluation {
  const parsed = evaluatedSchema.safeParse(header);
  if (parsed.success) return parsed.data.evaluation;
  const { evaluation = {} } = header as { evaluation?: Record<string, unknown> };
  return { error: { kind: 'exception', type: 'InvalidEvaluation', message: whyInvalid(evaluation, parsed.error) } };
}

function whyInvalid(evaluation: unknown, error: z.ZodError): string {
  const expected = 'expected {loss: a finite number, diagnostics: an object, n_replicates: an integer}';
  if (typeof evaluation !== 'object' || evaluation === null) return `the evaluator returned ${JSON.stringify(evaluation)}; ${expected}`;
  const names = ['loss', 'diagnostics', 'n_replicates'] as const;
  const missing = names.filter((name) => !(name in evaluation));
  if (missing.length > 0) return `the evaluator returned no ${missing.join(' and no ')}; ${expected}`;
  const { error: own = error } = lossSchema.safeParse(evaluation);
  return `the evaluator returned an invalid ${own.issues.map(({ path, message }) => `${path.join('.')} (${message})`).join(', ')}; ${expected}`;
}

/** The error of a host that sent an invalid message. */
export function protocolError(error: unknown): TaskError {
  const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 500) : messageOf(error);
  return { kind: 'crash', type: 'ProtocolError', message: `the model host sent an invalid message: ${reason}` };
}
