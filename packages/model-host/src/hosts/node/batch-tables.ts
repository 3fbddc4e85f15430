import { type ColumnValues, canMix, concatColumns, MAX_COLUMNS, type OutputTable, typeOf } from '../columns.ts';

type TaskTables = Readonly<Record<string, Readonly<Record<string, ColumnValues>>>>;

/** Gathers the tables of a batch's tasks into one table an output. Only the named outputs are kept. */
export function createBatchTables(outputs: readonly string[], count: number) {
  const parts = outputs.map((output) => ({ output, rows: new Int32Array(count), columns: new Map<string, ColumnValues[]>() }));
  return {
    /** @throws Error when an output has not the columns, or not the types, that earlier tasks gave. */
    add(task: number, tables: TaskTables): void {
      for (const { output, rows, columns } of parts) {
        const table = tables[output]!;
        const names = Object.keys(table);
        if (names.length > MAX_COLUMNS)
          throw new Error(`output ${output} has ${names.length} columns; the limit is ${MAX_COLUMNS}: return long data as rows`);
        if (columns.size > 0 && (names.length !== columns.size || names.some((name) => !columns.has(name)))) {
          throw new Error(`output ${output} has columns ${names.join(', ')}; earlier tasks gave ${[...columns.keys()].join(', ')}`);
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
    /** Forgets what a task that failed had given: nothing, since `add` checks before it takes. */
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
  const [was, is] = [typeOf(first), typeOf(values)];
  if (!canMix(new Set([was, is]))) throw new Error(`column ${name} holds ${is} values; earlier tasks gave ${was}`);
}
