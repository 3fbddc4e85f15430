/** Values of a column of an output. Texts and booleans may hold nulls. */
export type ColumnValues = Float64Array | Int32Array | BigInt64Array | readonly (string | null)[] | readonly (boolean | null)[];

export interface NamedColumn {
  readonly name: string;
  readonly values: ColumnValues;
}

/** One output of several tasks: `rows[k]` rows belong to task k (0 for one that failed), columns are concatenated in task order. */
export interface OutputTable {
  readonly rows: Int32Array;
  readonly columns: readonly NamedColumn[];
}
