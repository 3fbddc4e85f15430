import { formatNames, keys, ModelOpsError, type OutputTable, type TaskId } from '@modelops/contracts';
import { COLUMNS_DIFFER, type ColumnType, concatTables, sliceTable, type TaskError, typeOf } from '@modelops/model-host';
import { createVersionedStore, type TaskIdSet } from '@modelops/store';
import * as z from 'zod';
import type { Job, Stores } from '../job-context.ts';
import type { BatchResult } from './batch.ts';

/**
 * The columns of a job's outputs, by name and type, the same for all of its tasks, chunks, workers and attempts: results that lack a column in one task,
 * or have numbers in one and text in another, could not be read together. The first result decides; a reused result counts as the first.
 */
export interface JobColumns {
  /** The result with the tasks failed whose columns have other names or types. Numbers of all types are one type. @throws errors of the store */
  check(result: BatchResult, existing: TaskIdSet): Promise<BatchResult>;
}

/** Null: no task had a value yet. */
type Kind = 'numbers' | 'text' | 'booleans' | null;
/** By column. */
type Columns = Readonly<Record<string, Kind>>;
/** By output. */
type Kinds = Readonly<Record<string, Columns>>;

const kindsSchema = z.record(z.string(), z.record(z.string(), z.enum(['numbers', 'text', 'booleans']).nullable()));
/** Tasks that are tried when a reused result is looked for. */
const MAX_TRIED = 10_000;

export function createJobColumns(job: Job, { objects, provenance }: Pick<Stores, 'objects' | 'provenance'>): JobColumns {
  const { outputs, code } = job.spec.binding;
  const key = keys.columns(job.id, code);
  const records = createVersionedStore<Kinds>(objects, { parse: parseKinds });
  let agreed: Kinds = {};

  /** Adds outputs and types that no task had yet to the job's record, and reads what the others have added. */
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
      if (Object.entries(found).some(([output, columns]) => addsTo(agreed[output], columns))) agreed = await agree(found, existing);
      let checked = result;
      for (const [output, columns] of Object.entries(found)) {
        const error = differenceOf(output, columns, agreed[output]!);
        if (error !== undefined) checked = withoutTasks(output, checked, error);
      }
      return checked;
    },
  };
}

function parseKinds(value: unknown, key: string): Kinds {
  const parsed = kindsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ModelOpsError('STORE_CORRUPT', `${key} does not contain names and types of columns`, { hint: 'delete it, and resume the job' });
}

/** True if a task has columns of an output that has none yet, or a value in a column that has none yet. */
function addsTo(held: Columns | undefined, more: Columns): boolean {
  return held === undefined || Object.entries(more).some(([name, kind]) => kind !== null && held[name] === null);
}

/** The first one's names and types take precedence. */
function merged(held: Kinds, more: Kinds): Kinds {
  const both = Object.entries(held).map(([output, columns]): [string, Columns] => [
    output,
    Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, kind ?? more[output]?.[name] ?? null])),
  ]);
  return { ...more, ...Object.fromEntries(both) };
}

/** Omits outputs without columns: all of their tasks have failed. */
function kindsOf(outputs: BatchResult['outputs']): Kinds {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([, { columns }]) => columns.length > 0)
      .map(([output, { columns }]) => [
        output,
        Object.fromEntries(columns.map(({ name, values }) => [name, values.length === 0 ? null : kindOf(typeOf(values))])),
      ]),
  );
}

function kindOf(type: ColumnType): Exclude<Kind, null> {
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

function differenceOf(output: string, columns: Columns, agreed: Columns): TaskError | undefined {
  const lacking = Object.keys(agreed).filter((name) => !Object.hasOwn(columns, name));
  const added = Object.keys(columns).filter((name) => !Object.hasOwn(agreed, name));
  if (lacking.length + added.length > 0) {
    const parts = [...(lacking.length > 0 ? [`lacks ${listOf(lacking)}`] : []), ...(added.length > 0 ? [`has ${listOf(added)}`] : [])];
    const message = `output ${output} ${parts.join(' and ')}, unlike other tasks of the job: return the same columns from every task`;
    return { kind: 'exception', type: COLUMNS_DIFFER, message };
  }
  for (const [name, kind] of Object.entries(columns)) {
    const other = agreed[name]!;
    if (kind === null || kind === other) continue;
    const message = `column ${output}.${name} has ${kind}; it has ${other} in other tasks of the job: return the same type from every task`;
    return { kind: 'exception', type: 'ColumnTypeDiffers', message };
  }
  return undefined;
}

const MAX_LISTED = 5;

function listOf(names: readonly string[]): string {
  return `column${names.length === 1 ? '' : 's'} ${formatNames(names, MAX_LISTED)}`;
}

/**
 * Fails the tasks of a batch because of an output. The host refuses different columns and types within a batch, so the error is that of all of them;
 * but a task without rows has columns of any type.
 */
function withoutTasks(output: string, result: BatchResult, error: TaskError): BatchResult {
  const { rows } = result.outputs[output]!;
  const errors = new Map(result.errors);
  rows.forEach((count, place) => {
    if (!errors.has(place) && (count > 0 || error.type === COLUMNS_DIFFER)) errors.set(place, error);
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
