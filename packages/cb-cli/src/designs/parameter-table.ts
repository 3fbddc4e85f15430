import type { ParamValue } from '@modelops/contracts';

/** The parameter sets of a design, made when they are read: row i is the i-th set. */
export interface ParameterTable {
  readonly size: number;
  readonly names: readonly string[];
  /** Rows `start … start + count − 1`, a column for each name. */
  block(start: number, count: number): readonly ArrayLike<ParamValue>[];
}

const BLOCK = 4096;

/** The whole table in blocks of some thousand rows. */
export function* blocksOf(
  table: ParameterTable,
): Generator<{ readonly count: number; readonly columns: readonly ArrayLike<ParamValue>[] }> {
  for (let start = 0; start < table.size; start += BLOCK) {
    const count = Math.min(BLOCK, table.size - start);
    yield { count, columns: table.block(start, count) };
  }
}
