import { ModelOpsError, nearestName } from '@modelops/contracts';
import { type Column, nameOf, normaliseColumn, type OutputTables, type Table } from '../columns.ts';

/** Columns that a pack adds to each output. */
export const RESERVED_COLUMNS: readonly string[] = ['param_id', 'seed'];

/** Converts the return value of `simulate` to stored types. @throws MODEL_INVALID unless it consists of the declared outputs, with columns of equal length */
export function outputTables(returned: unknown, outputs: readonly string[]): OutputTables {
  if (!isRecord(returned)) {
    throw new ModelOpsError('MODEL_INVALID', `simulate returned ${nameOf(returned)}, not tables by output name`, {
      hint: returned instanceof Promise ? 'simulate must not be async' : `return { ${outputs.join(', ')} }`,
    });
  }
  const tables: Record<string, Table> = {};
  for (const output of outputs)
    tables[output] = outputTable(output, Object.hasOwn(returned, output) ? returned[output] : undefined, returned);
  for (const name of Object.keys(returned)) {
    if (Object.hasOwn(tables, name)) continue;
    throw new ModelOpsError('MODEL_INVALID', `simulate returned an output ${name} that the model does not declare`, {
      hint: `add it to outputs: [${outputs.join(', ')}]`,
    });
  }
  return tables;
}

function outputTable(output: string, table: unknown, returned: Record<string, unknown>): Table {
  if (table === undefined) {
    const near = nearestName(output, Object.keys(returned));
    throw new ModelOpsError('MODEL_INVALID', `simulate did not return the output ${output}`, {
      hint:
        near === undefined || near === output
          ? `it returned ${Object.keys(returned).join(', ') || 'nothing'}`
          : `rename ${near} to ${output}`,
    });
  }
  if (!isRecord(table)) throw new ModelOpsError('MODEL_INVALID', `output ${output} is ${nameOf(table)}, not columns by name`);
  const names = Object.keys(table);
  if (names.length === 0) throw new ModelOpsError('MODEL_INVALID', `output ${output} has no columns`);
  const columns: Record<string, Column> = {};
  for (const name of names) {
    if (RESERVED_COLUMNS.includes(name)) {
      throw new ModelOpsError('MODEL_INVALID', `output ${output} has a column ${name}: this name is reserved`, {
        hint: 'rename it',
      });
    }
    columns[name] = normaliseColumn(table[name], `column ${name} of output ${output}`);
    if (columns[name].length !== columns[names[0]!]!.length) {
      throw new ModelOpsError('MODEL_INVALID', `output ${output} has columns of unequal length`, {
        hint: names.map((column) => `${column}: ${(table[column] as ArrayLike<unknown> | undefined)?.length ?? 'none'}`).join(', '),
      });
    }
  }
  return columns;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof Promise);
}
