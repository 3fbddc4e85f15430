import type { CommandColumnType } from '../../command/command-file.ts';
import type { ColumnValues } from '../columns.ts';

/** The types of an output's columns, as `modelops.yaml` declares them. */
export type DeclaredColumns = Readonly<Record<string, CommandColumnType>>;

/** What a Parquet or Arrow file has: the names of all its columns, and the values of those that were asked for. */
export interface HeldColumns {
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, ArrayLike<unknown>>;
}

/** The columns of one output of one task. */
export type OutputColumns = Record<string, ColumnValues>;
