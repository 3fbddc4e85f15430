import type { ParamValue } from '@modelops/contracts';
import { type DesignParameter, isVarying } from '../space/parameter-space.ts';
import { scalingOf } from '../space/scaling.ts';

/** Parameter sets that are computed when they are read: row i is the i-th set. */
export interface ParameterTable {
  readonly size: number;
  readonly names: readonly string[];
  /** Rows `start … start + count − 1`, a column for each name. */
  block(start: number, count: number): readonly ArrayLike<ParamValue>[];
}

const BLOCK = 4096;

/** The whole table in blocks of a few thousand rows. */
export function* blocksOf(
  table: ParameterTable,
): Generator<{ readonly start: number; readonly count: number; readonly columns: readonly ArrayLike<ParamValue>[] }> {
  for (let start = 0; start < table.size; start += BLOCK) {
    const count = Math.min(BLOCK, table.size - start);
    yield { start, count, columns: table.block(start, count) };
  }
}

/** The rows of a table one by one. */
export function* rowsIn(table: ParameterTable): Generator<ParamValue[]> {
  for (const { count, columns } of blocksOf(table)) {
    for (let row = 0; row < count; row++) yield columns.map((column) => column[row]!);
  }
}

/**
 * A table of the parameters' values at coordinates in [0, 1].
 * @param fill writes coordinate `column` of the rows from `start` on to `into`.
 */
export function scaledTable(
  parameters: readonly DesignParameter[],
  size: number,
  fill: (column: number, start: number, into: Float64Array) => void,
): ParameterTable {
  const scalings = parameters.map(scalingOf);
  return {
    size,
    names: parameters.map(({ name }) => name),
    block: (start, count) =>
      scalings.map((scale, column) => {
        const units = new Float64Array(count);
        fill(column, start, units);
        return scale(units);
      }),
  };
}

/** The same for coordinates in memory: a column for each parameter that varies. */
export function scaledColumns(parameters: readonly DesignParameter[], size: number, columns: readonly Float64Array[]): ParameterTable {
  const place = placesOf(parameters);
  return scaledTable(parameters, size, (column, start, into) => {
    const at = place[column];
    if (at !== undefined) into.set(columns[at]!.subarray(start, start + into.length));
  });
}

/** The place of each parameter among those that vary; undefined for the others. */
export function placesOf(parameters: readonly DesignParameter[]): (number | undefined)[] {
  let next = 0;
  return parameters.map((parameter) => (isVarying(parameter) ? next++ : undefined));
}

/** A table of values in memory: a column for each parameter. */
export function heldTable(
  parameters: readonly DesignParameter[],
  size: number,
  columns: readonly (readonly ParamValue[])[],
): ParameterTable {
  return {
    size,
    names: parameters.map(({ name }) => name),
    block: (start, count) => columns.map((column) => column.slice(start, start + count)),
  };
}

/** A table of the given rows of another, in this order. */
export function rowsOf(table: ParameterTable, rows: ArrayLike<number>): ParameterTable {
  return {
    size: rows.length,
    names: table.names,
    block: (start, count) => {
      const wanted = Array.from({ length: count }, (_, at) => rows[start + at]!);
      const low = wanted.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      const high = wanted.reduce((a, b) => Math.max(a, b), -1);
      const columns = count === 0 ? table.names.map(() => []) : table.block(low, high - low + 1);
      return columns.map((column) => wanted.map((row) => column[row - low]!));
    },
  };
}

/** Tables with the same names, one after another. */
export function concatTables(tables: readonly ParameterTable[]): ParameterTable {
  const [first] = tables;
  if (first === undefined || tables.length === 1) return first!;
  const starts: number[] = [];
  const size = tables.reduce((sum, table) => {
    starts.push(sum);
    return sum + table.size;
  }, 0);
  return {
    size,
    names: first.names,
    block: (start, count) => {
      const columns = first.names.map(() => [] as ParamValue[]);
      tables.forEach((table, at) => {
        const from = Math.max(start, starts[at]!);
        const to = Math.min(start + count, starts[at]! + table.size);
        if (from >= to) return;
        table.block(from - starts[at]!, to - from).forEach((values, column) => {
          for (let row = 0; row < to - from; row++) columns[column]!.push(values[row]!);
        });
      });
      return columns;
    },
  };
}
