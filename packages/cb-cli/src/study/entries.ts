import { isSeeded, type ParamValue, type ParamValues, type SimulationStudy } from '@modelops/contracts';
import type { ParameterTable } from '../designs/parameter-table.ts';

export type Entry = SimulationStudy['parameter_sets'][number];

export function valuesOf(entry: Entry): ParamValues {
  return isSeeded(entry) ? entry.params : (entry as ParamValues);
}

/** The entries without repetitions of the same values and seed. */
export function distinctEntries(entries: Iterable<Entry>): Entry[] {
  const seen = new Map<string, Entry>();
  for (const entry of entries) {
    const key = entryKey(entry);
    if (!seen.has(key)) seen.set(key, entry);
  }
  return [...seen.values()];
}

/** Equal for entries with the same values, in any order, and the same seed. */
export function entryKey(entry: Entry): string {
  const values = Object.entries(valuesOf(entry)).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(isSeeded(entry) ? [values, String(entry.seed)] : values);
}

/** The rows of a table as plain entries. */
export function entriesOf(table: ParameterTable): ParamValues[] {
  const columns = table.block(0, table.size);
  return Array.from({ length: table.size }, (_, row) =>
    Object.fromEntries(table.names.map((name, at) => [name, columns[at]![row] as ParamValue])),
  );
}
