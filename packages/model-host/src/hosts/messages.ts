import type { OutputTable } from '@modelops/contracts';
import { type ColumnHeader, decodeColumn, encodeColumn, typeOf } from './columns.ts';
import type { Frame } from './frames.ts';
import type { TaskError } from './task-error.ts';

/** Environment variable of a host with a scratch folder: its path. */
export const SCRATCH_VARIABLE = 'MODELOPS_SCRATCH';
/** Set in the environment of a host that keeps the files of tasks in that folder. */
export const KEEP_VARIABLE = 'MODELOPS_KEEP_SCRATCH';
/** Set in the environment of a host under a debugger: the folder with the sources of compiled programs. */
export const SOURCES_VARIABLE = 'MODELOPS_SOURCES';

/** The first message to a host: the program, its export, and the targets to evaluate. */
export interface LoadMessage {
  /** The compiled file of a JavaScript model; the source file of a Python model, relative to the working folder; empty in a host that only evaluates targets. */
  readonly program: string;
  /** The source map of a compiled program, outside the model's view. */
  readonly map?: string | undefined;
  /** The source name of the model, for hints: `models/seir.ts:StochasticSEIR`. */
  readonly source?: string;
  readonly exportName: string;
  readonly scenario: string;
  readonly config: Readonly<Record<string, unknown>> | null;
  /** Outputs to return; others that the model yields are dropped. */
  readonly outputs: readonly string[];
  readonly targets: readonly {
    readonly name: string;
    readonly program: string;
    readonly map?: string | undefined;
    readonly exportName: string;
    /** Its files of observed data: by the name that the target has for each, the path. */
    readonly files: Readonly<Record<string, string>>;
  }[];
}

/** Tasks of a batch: `set[k]` indexes `values`, seeds above 2^53 are decimal text. */
export interface RunMessage {
  readonly values: readonly Readonly<Record<string, boolean | number | string>>[];
  readonly set: readonly number[];
  readonly seeds: readonly (number | string)[];
}

/** The answer to a batch: one table per output; a failed task has no rows and an entry in `errors`. */
export interface RanMessage {
  readonly durations: Float64Array;
  readonly errors: readonly { readonly task: number; readonly error: TaskError }[];
  readonly outputs: Readonly<Record<string, OutputTable>>;
}

/** Tables that a target stores with a loss, by name. */
export type AggregatedTables = Readonly<Record<string, Readonly<Record<string, readonly (boolean | number | string | null)[]>>>>;

export type Evaluation =
  | {
      readonly loss: number;
      readonly diagnostics: Readonly<Record<string, unknown>>;
      readonly n_replicates: number;
      readonly outputs?: AggregatedTables;
    }
  | { readonly error: TaskError };

type TableHeader = { readonly output: string; readonly columns: readonly ColumnHeader[] };

function pushTable(output: string, { rows, columns }: OutputTable, buffers: Uint8Array[]): TableHeader {
  buffers.push(encodeColumn(rows));
  for (const { values } of columns) buffers.push(encodeColumn(values));
  return { output, columns: columns.map(({ name, values }) => ({ name, type: typeOf(values) })) };
}

function takeTable({ columns }: TableHeader, buffers: readonly Uint8Array[], at: number): OutputTable {
  return {
    rows: decodeColumn('int32', buffers[at]!) as Int32Array,
    columns: columns.map(({ name, type }, k) => ({ name, values: decodeColumn(type, buffers[at + 1 + k]!) })),
  };
}

export function encodeRan({ durations, errors, outputs }: RanMessage): Frame {
  const buffers: Uint8Array[] = [encodeColumn(durations)];
  const tables = Object.entries(outputs).map(([output, table]) => pushTable(output, table, buffers));
  return { header: { type: 'ran', errors, tables }, buffers };
}

/** Outputs of a parameter set, by name; each has the rows of every replicate. */
export type OutputTables = Readonly<Record<string, OutputTable>>;

export function encodeEvaluate(target: string, outputs: OutputTables): Frame {
  const buffers: Uint8Array[] = [];
  const tables = Object.entries(outputs).map(([output, table]) => pushTable(output, table, buffers));
  return { header: { type: 'evaluate', target, tables }, buffers };
}

export function decodeEvaluate({ header, buffers }: Frame): { readonly target: string; readonly outputs: OutputTables } {
  let at = 0;
  const tables = (header.tables as readonly TableHeader[]).map((head) => {
    const table = takeTable(head, buffers, at);
    at += 1 + head.columns.length;
    return [head.output, table] as const;
  });
  return { target: header.target as string, outputs: Object.fromEntries(tables) };
}
