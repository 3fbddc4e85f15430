import { ModelOpsError, nearestName, type ParamValue, paramIdsOf } from '@modelops/contracts';
import { responsesById } from '@modelops/report/sensitivity';
import type { Cell, Table } from '../tables/table.ts';
import { type GivenSets, givenSets } from './analyse.ts';

interface ReadOptions {
  readonly column: string;
  readonly target?: string | undefined;
  /** Names of the study's parameters, whose columns need no `param_` prefix. */
  readonly parameters: readonly string[];
}

/** Reads a response for each set from a table with a row for each set or replicate, by target (null in a table without targets). @throws USAGE for a missing column or target */
export function readResults(table: Table, { column, target, parameters }: ReadOptions) {
  const values = columnOf(table, column);
  const ids = table.columns.get('param_id') ?? idsFrom(table, parameters);
  const targets = table.columns.get('target');
  const known: (string | null)[] = targets === undefined ? [null] : [...new Set(Array.from(targets, String))];
  if (target !== undefined && !known.includes(target))
    throw new ModelOpsError('USAGE', `no target ${target} in the results`, { hint: `targets: ${known.join(', ')}` });
  return known
    .filter((one) => target === undefined || one === target)
    .map((one) => {
      const rows = Array.from({ length: table.size }, (_, row) => row).filter((row) => one === null || String(targets![row]) === one);
      return {
        target: one,
        responses: responsesById(
          rows.map((row) => ids[row]),
          rows.map((row) => values[row]),
        ),
        sets: setsFrom(table, parameters, ids, rows),
      };
    });
}

function columnOf(table: Table, name: string): ArrayLike<Cell> {
  const found = table.columns.get(name);
  if (found !== undefined) return found;
  const near = nearestName(name, table.columns.keys());
  throw new ModelOpsError('USAGE', `the results have no column ${name}`, {
    hint: near === undefined ? `--column is one of ${[...table.columns.keys()].join(', ')}` : `did you mean --column ${near}?`,
  });
}

/** Columns of parameters: `param_beta`, or `beta` if it is a parameter of the study. */
function parameterColumns(table: Table, parameters: readonly string[]): Map<string, ArrayLike<Cell>> {
  const found = new Map<string, ArrayLike<Cell>>();
  for (const [name, values] of table.columns) {
    if (name.startsWith('param_') && name !== 'param_id') found.set(name.slice('param_'.length), values);
    else if (parameters.includes(name)) found.set(name, values);
  }
  return found;
}

function idsFrom(table: Table, parameters: readonly string[]): readonly string[] {
  const columns = [...parameterColumns(table, parameters)];
  if (columns.length === 0)
    throw new ModelOpsError('USAGE', 'the results name no parameter sets: expected a column param_id, or param_NAME for each parameter', {
      hint: 'name the parameters with --study STUDY',
    });
  return paramIdsOf(
    Array.from({ length: table.size }, (_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row] as ParamValue]))),
  );
}

function setsFrom(table: Table, parameters: readonly string[], ids: ArrayLike<unknown>, rows: readonly number[]): GivenSets {
  const columns = [...parameterColumns(table, parameters)];
  const first = new Map(rows.map((row) => [String(ids[row]), row] as const));
  const sets = [...first.values()].map((row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row] as ParamValue])));
  return { ...givenSets(sets), ids: [...first.keys()] };
}
