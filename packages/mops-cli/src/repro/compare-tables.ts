import type { ColumnValues, OutputTable } from '@modelops/contracts';
import { typeOf } from '@modelops/model-host';
import type { Difference } from '../documents/runs.ts';

type Tables = Readonly<Record<string, OutputTable>>;

const NUMBERS = ['float64', 'int32', 'int64'];

/**
 * Compares the outputs of one task column by column, in the stored order. Values are equal if their bits are, and NaN equals NaN. A number may be
 * stored in a wider type, because other tasks of its pack have floats. Undefined if the results are equal.
 */
export function compareTables(stored: Tables, computed: Tables): Difference | undefined {
  for (const [output, table] of Object.entries(stored)) {
    const other = computed[output] ?? { rows: Int32Array.of(0), columns: [] };
    const found = compareOutput(output, table, other);
    if (found !== undefined) return found;
  }
  return undefined;
}

function compareOutput(output: string, stored: OutputTable, computed: OutputTable): Difference | undefined {
  const [was, is] = [stored.rows[0]!, computed.rows[0]!];
  if (was !== is) return { what: 'rows', output, stored: was, computed: is };
  if (was === 0) return undefined; // a pack stores no columns of tasks without rows
  const columns = new Map(computed.columns.map(({ name, values }) => [name, values]));
  if (columns.size !== stored.columns.length || stored.columns.some(({ name }) => !columns.has(name)))
    return { what: 'columns', output, stored: stored.columns.map(({ name }) => name), computed: [...columns.keys()] };
  for (const { name, values } of stored.columns) {
    const found = compareColumn(output, name, values, columns.get(name)!);
    if (found !== undefined) return found;
  }
  return undefined;
}

function compareColumn(output: string, column: string, stored: ColumnValues, computed: ColumnValues): Difference | undefined {
  const [was, is] = [typeOf(stored), typeOf(computed)];
  const isNumeric = NUMBERS.includes(was);
  if (isNumeric ? !NUMBERS.includes(is) : was !== is) return { what: 'type', output, column, stored: was, computed: is };
  let [row, differing, largest] = [-1, 0, 0];
  for (let at = 0; at < stored.length; at++) {
    const [a, b] = [stored[at]!, computed[at]!];
    if (isSame(a, b)) continue;
    if (row < 0) row = at;
    differing++;
    if (isNumeric) largest = Math.max(largest, Math.abs((Number(b) - Number(a)) / Number(a)));
  }
  if (row < 0) return undefined;
  return {
    what: 'value',
    output,
    column,
    row,
    stored: String(stored[row]),
    computed: String(computed[row]),
    differing,
    of: stored.length,
    largest_relative: isNumeric && Number.isFinite(largest) ? largest : null,
  };
}

function isSame(a: number | bigint | string | boolean, b: number | bigint | string | boolean): boolean {
  // Only numbers of different widths are compared by value: `1n == 1`.
  // biome-ignore lint/suspicious/noDoubleEquals: compares an integer with a float
  return typeof a === typeof b ? Object.is(a, b) : a == b;
}
