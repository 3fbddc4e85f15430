import { formatCount, type ParamValue, type Problem } from '@modelops/contracts';
import { type DesignParameter, isVarying } from '../space/parameter-space.ts';
import type { Cell, Table } from '../tables/table.ts';
import { type Design, no, type Supports, YES, yes } from './design.ts';
import { baseValue } from './one-at-a-time.ts';
import { heldTable } from './parameter-table.ts';

export const FROM_SUPPORTS: Supports = {
  mixed: YES,
  constraint: yes('rejected rows are left out'),
  extend: no('the rows come from a file: add rows to it, or merge two studies'),
  priors: no('the rows come from a file'),
};

/** The rows of a table whose columns are named `beta` or `param_beta`. A parameter without a column takes its fixed value or its default. */
export function fromTable(table: Table, file: string): Design {
  return {
    method: 'from',
    supports: FROM_SUPPORTS,
    examples: ['cb sampling from posterior.parquet --model seir --n-replicates 10 > study.json'],
    options: {},
    readSettings: (_options, problems) => {
      if (table.size === 0) problems.push({ path: 'FILE', message: `${file} has no rows` });
      return { file, n_samples: table.size };
    },
    check: (_settings, parameters, problems) => void readRows(table, parameters, problems),
    points: (_settings, parameters) => ({ points: heldTable(parameters, table.size, readRows(table, parameters, [])) }),
    title: () => `${formatCount(table.size, 'row')} of ${file}`,
  };
}

/** Reads a column for each parameter. Values outside the bounds are allowed, as everywhere in a study. */
function readRows(table: Table, parameters: readonly DesignParameter[], problems: Problem[]): (readonly ParamValue[])[] {
  return parameters.map((parameter) => {
    const { name } = parameter;
    const column = table.columns.get(name) ?? table.columns.get(`param_${name}`);
    if (parameter.kind === 'fixed') return new Array(table.size).fill(parameter.value);
    if (column === undefined) {
      if (isVarying(parameter) && parameter.default === undefined)
        problems.push({ path: name, message: `the file has no column ${name}, and ${name} has no default: add --fix ${name}=VALUE` });
      return new Array(table.size).fill(baseValue(parameter));
    }
    const values: ParamValue[] = [];
    let wrong = 0;
    for (let row = 0; row < table.size; row++) {
      const value = readValue(parameter, column[row]!);
      if (value === undefined && ++wrong === 1)
        problems.push({ path: `${name}, row ${row + 1}`, message: `${JSON.stringify(column[row])} is not ${wantedOf(parameter)}` });
      values.push(value ?? 0);
    }
    return values;
  });
}

function readValue(parameter: DesignParameter, cell: Cell): ParamValue | undefined {
  if (parameter.kind === 'choice') return parameter.values.find((value) => value === cell || String(value) === String(cell));
  if (typeof cell !== 'number' || !Number.isFinite(cell)) return undefined;
  return parameter.kind === 'int' && !Number.isSafeInteger(cell) ? undefined : cell;
}

function wantedOf(parameter: DesignParameter): string {
  if (parameter.kind === 'choice') return `one of ${parameter.values.join(', ')}`;
  return parameter.kind === 'int' ? 'a whole number' : 'a finite number';
}
