import type { ColumnValues } from '@modelops/contracts';
import type { CommandColumnType } from '../../command/command-file.ts';

/** The types of an output's columns, as `modelops.yaml` declares them. */
export type DeclaredColumns = Readonly<Record<string, CommandColumnType>>;

/** The names of all columns of a Parquet or Arrow file, and the values of the requested ones. */
export interface FileColumns {
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, ArrayLike<unknown>>;
}

/** The columns of one output of one task. */
export type OutputColumns = Record<string, ColumnValues>;

/** A failure of a command model's task: recorded with this type and message, without a traceback of the host. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly type: 'CommandNotFound' | 'ExitStatus' | 'Signal' | 'MissingOutput' | 'InvalidOutput';
  constructor(type: CommandFailure['type'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.type = type;
  }
}
