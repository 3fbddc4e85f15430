import { readFileSync } from 'node:fs';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import { type Column, parseCsv } from '@modelops/sdk';

/**
 * The columns of a target's observed data: Parquet by the name of its file, otherwise CSV. Numbers are floats, NaN for a missing one; whole numbers that
 * a float cannot represent remain 64-bit. @throws FILE_INVALID naming the column for values that are neither numbers, text nor booleans
 */
export async function readObserved(file: string): Promise<Record<string, Column>> {
  if (!file.toLowerCase().endsWith('.parquet')) return parseCsv(readFileSync(file, 'utf8'));
  const { readParquet } = await import('../command/parquet-output.ts'); // loaded on demand
  const { columns } = await readParquet(readFileSync(file)).catch((error: unknown) => {
    throw new ModelOpsError('FILE_INVALID', `${file} is not valid Parquet: ${messageOf(error)}`, { cause: error });
  });
  return Object.fromEntries([...columns].map(([name, values]) => [name, columnOf(name, values)]));
}

function columnOf(name: string, values: ArrayLike<unknown>): Column {
  const all = Array.from(values);
  const present = all.filter((value) => value !== null && value !== undefined);
  const kinds = new Set(present.map((value) => typeof value));
  if (kinds.has('bigint') && present.some((value) => typeof value === 'bigint' && BigInt(Number(value)) !== value)) {
    if (kinds.size === 1 && present.length === all.length) return BigInt64Array.from(all as bigint[]);
  } else if ([...kinds].every((kind) => kind === 'number' || kind === 'bigint')) {
    return Float64Array.from(all, (value) => (value === null || value === undefined ? Number.NaN : Number(value)));
  }
  if (kinds.size === 1 && kinds.has('string')) return all.map((value) => (value ?? '') as string);
  if (kinds.size === 1 && kinds.has('boolean') && present.length === all.length) return all as boolean[];
  throw new ModelOpsError('FILE_INVALID', `column ${name} of the observed data has values that are not numbers, text or booleans`, {
    hint: 'convert dates to text or to a number of days',
  });
}
