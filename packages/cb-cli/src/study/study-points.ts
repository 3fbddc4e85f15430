import { isSeeded, type ParamId, paramIdsOf, type SimulationStudy } from '@modelops/contracts';
import type { Cell, Table } from '../tables/table.ts';
import { valuesOf } from './entries.ts';

/** A study's sets as a table: `param_id`, a column for each parameter, and `seed` (as text) if entries have their own seeds. */
export function studyPoints({ parameter_sets }: SimulationStudy): Table {
  const values = parameter_sets.map(valuesOf);
  const names = [...new Set(values.flatMap((set) => Object.keys(set)))];
  const columns = new Map<string, ArrayLike<Cell>>([['param_id', paramIdsOf(values) as ParamId[]]]);
  for (const name of names)
    columns.set(
      name,
      values.map((set) => set[name] ?? null),
    );
  if (parameter_sets.some(isSeeded))
    columns.set(
      'seed',
      parameter_sets.map((entry) => (isSeeded(entry) ? String(entry.seed) : null)),
    );
  return { size: parameter_sets.length, columns };
}
