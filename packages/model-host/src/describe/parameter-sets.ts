import { ModelOpsError, type ParamValue } from '@modelops/contracts';

export interface SetsOfParameters {
  readonly names: readonly string[];
  /** One row of values per set, in the order of the names. */
  readonly rows: Iterable<readonly ParamValue[]>;
}

/** Encodes parameter sets for a model's process: one JSON array per line, the names on the first. */
export function encodeSets({ names, rows }: SetsOfParameters): { readonly text: string; readonly count: number } {
  const lines = [JSON.stringify(names)];
  for (const row of rows) lines.push(JSON.stringify(row));
  return { text: `${lines.join('\n')}\n`, count: lines.length - 1 };
}

/** Decodes a text of one `1` (allowed) or `0` per set. @throws MODEL_INVALID if the number of sets differs */
export function decodeAllowed(allowed: string, count: number, source: string): Uint8Array {
  if (allowed.length !== count) throw new ModelOpsError('MODEL_INVALID', `${source} did not check every parameter set`);
  return Uint8Array.from(allowed, (one) => (one === '1' ? 1 : 0));
}
