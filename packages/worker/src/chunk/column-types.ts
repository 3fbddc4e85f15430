import { keys, ModelOpsError, type TaskId } from '@modelops/contracts';
import { type ColumnType, concatTables, type OutputTable, sliceTable, type TaskError, typeOf } from '@modelops/model-host';
import { createVersionedStore, type TaskIdSet } from '@modelops/store';
import * as z from 'zod';
import type { Job, Stores } from '../job-context.ts';
import type { BatchResult } from './batch.ts';

/**
 * The type of each column of a job's outputs, the same for all of its tasks, chunks, workers and attempts: results with numbers in one task and text in
 * another could not be read together. The first result decides; a reused result counts as the first.
 */
export interface ColumnTypes {
  /** The result with the tasks failed whose columns have another type. Numbers of all types are one type. @throws errors of the store */
  check(result: BatchResult, existing: TaskIdSet): Promise<BatchResult>;
}

type Kind = 'numbers' | 'text' | 'booleans';
/** By output and column. */
type Kinds = Readonly<Record<string, Readonly<Record<string, Kind>>>>;

const kindsSchema = z.record(z.string(), z.record(z.string(), z.enum(['numbers', 'text', 'booleans'])));
/** Tasks that are tried when a reused result is looked for. */
const MAX_TRIED = 10_000;

export function createColumnTypes(job: Job, { objects, provenance }: Pick<Stores, 'objects' | 'provenance'>): ColumnTypes {
  const { outputs, code } = job.spec.binding;
  const key = keys.columns(job.id, code);
  const records = createVersionedStore<Kinds>(objects, { parse: parseKinds });
  let agreed: Kinds = {};

  /** Adds columns that no task had yet to the job's record, and reads what the others have added. */
  const agree = async (found: Kinds, existing: TaskIdSet): Promise<Kinds> => {
    const updated = await records.update(key, (held) => merged(held, found));
    if (updated !== undefined) return updated;
    const first = merged(await reusedKinds(existing), found);
    return (await records.create(key, first)) ? first : agree(found, existing);
  };
  const reusedKinds = async (existing: TaskIdSet): Promise<Kinds> => {
    const id = reusedTask(job, existing, (task) => provenance.isEvicted(job.sims, task));
    if (id === undefined) return {};
    const tables: Record<string, OutputTable> = {};
    for (const output of outputs) tables[output] = (await provenance.readOutput(job.sims, [id], output)).table;
    return kindsOf(tables);
  };

  return {
    async check(result, existing) {
      const found = kindsOf(result.outputs);
      if (Object.entries(found).some(([output, columns]) => Object.keys(columns).some((name) => agreed[output]?.[name] === undefined)))
        agreed = await agree(found, existing);
      let checked = result;
      for (const [output, columns] of Object.entries(found))
        for (const [name, kind] of Object.entries(columns)) {
          const other = agreed[output]![name]!;
          if (kind !== other) checked = withoutRowsOf(output, checked, differing(`${output}.${name}`, kind, other));
        }
      return checked;
    },
  };
}

function parseKinds(value: unknown, key: string): Kinds {
  const parsed = kindsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ModelOpsError('STORE_CORRUPT', `${key} does not contain the types of columns`, { hint: 'delete it, and resume the job' });
}

/** The first one's types take precedence. */
function merged(held: Kinds, more: Kinds): Kinds {
  const outputs = [...new Set([...Object.keys(held), ...Object.keys(more)])];
  return Object.fromEntries(outputs.map((output) => [output, { ...more[output], ...held[output] }]));
}

/** Columns without a value have no type yet. */
function kindsOf(outputs: BatchResult['outputs']): Kinds {
  return Object.fromEntries(
    Object.entries(outputs).map(([output, { columns }]) => [
      output,
      Object.fromEntries(columns.flatMap(({ name, values }) => (values.length === 0 ? [] : [[name, kindOf(typeOf(values))]]))),
    ]),
  );
}

function kindOf(type: ColumnType): Kind {
  if (type === 'utf8') return 'text';
  return type === 'bool' ? 'booleans' : 'numbers';
}

function reusedTask({ tasks }: Job, existing: TaskIdSet, isEvicted: (id: TaskId) => boolean): TaskId | undefined {
  for (let task = 0; existing.size > 0 && task < Math.min(tasks.count, MAX_TRIED); task++) {
    const id = tasks.idAt(task) as TaskId;
    if (existing.has(id) && !isEvicted(id)) return id;
  }
  return undefined;
}

function differing(column: string, kind: Kind, other: Kind): TaskError {
  const message = `column ${column} has ${kind}; it has ${other} in other tasks of the job: return the same type from every task`;
  return { kind: 'exception', type: 'ColumnTypeDiffers', message };
}

/** Fails the tasks that have rows of an output. The host refuses different types within a batch, so the column has one type in all of them. */
function withoutRowsOf(output: string, result: BatchResult, error: TaskError): BatchResult {
  const { rows } = result.outputs[output]!;
  const errors = new Map(result.errors);
  rows.forEach((count, place) => {
    if (count > 0) errors.set(place, error);
  });
  const outputs = Object.fromEntries(
    Object.entries(result.outputs).map(([name, table]) => {
      const parts = result.tasks.map((_, place) =>
        errors.has(place) ? { rows: Int32Array.of(0), columns: [] } : sliceTable(table, place, place + 1),
      );
      return [name, concatTables(parts)];
    }),
  );
  return { ...result, errors, outputs };
}
