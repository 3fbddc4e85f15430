import type { ColumnValues, OutputTable } from '@modelops/contracts';
import { COLUMNS_DIFFER, canMix, concatColumns, MAX_COLUMNS, typeOf } from '../columns.ts';

type TaskTables = Readonly<Record<string, Readonly<Record<string, ColumnValues>>>>;

/** A task's columns have other names or types than those of an earlier task of its batch. */
class ColumnsDiffer extends Error {
  override readonly name = COLUMNS_DIFFER;
}

/** Collects the tables of a batch's tasks into one table per output. Other outputs are dropped. */
export function createBatchTables(outputs: readonly string[], count: number) {
  const parts = outputs.map((output) => ({ output, rows: new Int32Array(count), columns: new Map<string, ColumnValues[]>() }));
  return {
    /** @throws ColumnsDiffer if the columns or types of an output differ from those of earlier tasks */
    add(task: number, tables: TaskTables): void {
      for (const { output, rows, columns } of parts) {
        const table = tables[output]!;
        const names = Object.keys(table);
        if (names.length > MAX_COLUMNS)
          throw new Error(`output ${output} has ${names.length} columns; the limit is ${MAX_COLUMNS}: return long data as rows`);
        if (columns.size > 0 && (names.length !== columns.size || names.some((name) => !columns.has(name)))) {
          throw new ColumnsDiffer(
            `output ${output} has columns ${names.join(', ')}; earlier tasks returned ${[...columns.keys()].join(', ')}`,
          );
        }
        for (const name of names) checkType(`${output}.${name}`, columns.get(name), table[name]!);
        rows[task] = names.length === 0 ? 0 : table[names[0]!]!.length;
      }
      for (const { output, columns } of parts) {
        for (const [name, values] of Object.entries(tables[output]!)) {
          const held = columns.get(name);
          if (held === undefined) columns.set(name, [values]);
          else held.push(values);
        }
      }
    },
    /** Records that a task failed. `add` checks before it stores, so there are no columns to remove. */
    drop(task: number): void {
      for (const { rows } of parts) rows[task] = 0;
    },
    finish(): Record<string, OutputTable> {
      return Object.fromEntries(
        parts.map(({ output, rows, columns }) => [
          output,
          { rows, columns: [...columns].map(([name, values]) => ({ name, values: concatColumns(values) })) },
        ]),
      );
    },
  };
}

function checkType(name: string, held: readonly ColumnValues[] | undefined, values: ColumnValues): void {
  const first = held?.find((part) => part.length > 0);
  if (first === undefined || values.length === 0) return;
  const [earlier, type] = [typeOf(first), typeOf(values)];
  if (!canMix(new Set([earlier, type]))) throw new ColumnsDiffer(`column ${name} has ${type} values; earlier tasks returned ${earlier}`);
}
