import { ModelOpsError } from '@modelops/contracts';
import { type Column, normaliseColumn, type TableInput } from '../columns.ts';

/** The columns of a table in the code. @throws TARGET_INVALID for columns of unequal length */
export function inlineColumns(data: TableInput): Record<string, Column> {
  const columns = Object.entries(data).map(
    ([name, values]) => [name, normaliseColumn(values, `column ${name} of the observed data`)] as const,
  );
  const [first] = columns;
  const unequal = columns.find(([, values]) => values.length !== first![1].length);
  if (unequal === undefined) return Object.fromEntries(columns);
  throw new ModelOpsError('TARGET_INVALID', `the observed data has columns of unequal length: ${first![0]} and ${unequal[0]}`);
}
