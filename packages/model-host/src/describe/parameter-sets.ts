import { ModelOpsError, type ParamValue } from '@modelops/contracts';

export interface SetsOfParameters {
  readonly names: readonly string[];
  /** A row of values for each set, in the order of the names. */
  readonly rows: Iterable<readonly ParamValue[]>;
}

/** Parameter sets as a model's process reads them: a JSON array on each line, the names on the first. */
export function encodeSets({ names, rows }: SetsOfParameters): { readonly text: string; readonly count: number } {
  const lines = [JSON.stringify(names)];
  for (const row of rows) lines.push(JSON.stringify(row));
  return { text: `${lines.join('\n')}\n`, count: lines.length - 1 };
}

/** `1` for each set that is allowed, from a text of `1` and `0`. @throws MODEL_INVALID unless it has one for each set */
export function decodeAllowed(allowed: string, count: number, source: string): Uint8Array {
  if (allowed.length !== count) throw new ModelOpsError('MODEL_INVALID', `${source} did not answer for every parameter set`);
  return Uint8Array.from(allowed, (one) => (one === '1' ? 1 : 0));
}
