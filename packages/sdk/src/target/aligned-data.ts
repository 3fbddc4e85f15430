import { ModelOpsError, nearestName } from '@modelops/contracts';
import type { Column } from '../columns.ts';
import { alignRows, joinColumns } from './alignment.ts';
import type { EvaluateInput, TargetSpec } from './definition.ts';
import type { AlignedData } from './evaluators.ts';

type Columns = Readonly<Record<string, Column>>;

/** Observations beside their simulated partners. @throws TARGET_INVALID naming the column, row or value that stands in the way. */
export function alignedData(spec: TargetSpec, { columns, rows, observed }: EvaluateInput): AlignedData {
  const { output, join, value, observedValue = value, weight } = spec;
  const simulatedTable = `output ${output}`;
  const observedTable = typeof spec.data === 'string' ? spec.data : 'the observed data';
  const source = numericColumn(columns, value, simulatedTable);
  const n = column(observed, observedValue, observedTable).length;
  if (n === 0) throw new ModelOpsError('TARGET_INVALID', `${observedTable} has no rows`);
  for (const name of joinColumns(join)) checkComparable(name, column(columns, name, simulatedTable), column(observed, name, observedTable));
  const observedValues = numbers(observed, observedValue, observedTable);
  if (rows.length === 0) throw new ModelOpsError('TARGET_INVALID', 'there is no replicate to compare with the data');
  if ('column' in join) {
    numericColumn(columns, join.column, simulatedTable);
    numbers(observed, join.column, observedTable);
  }
  const partners = alignRows({ join, observed, simulated: columns, rows, n });
  const simulated = new Float64Array(partners.length);
  for (let at = 0; at < partners.length; at++) {
    const number = Number(source[partners[at]!]);
    if (!Number.isFinite(number)) throw notFinite(number, value, at, n, spec, observed);
    simulated[at] = number;
  }
  return { observed: observedValues, simulated, weights: weightsOf(observed, weight, n, observedTable), n_replicates: rows.length };
}

function column(columns: Columns, name: string, table: string): Column {
  if (Object.hasOwn(columns, name)) return columns[name]!;
  const names = Object.keys(columns);
  const near = nearestName(name, names);
  throw new ModelOpsError('TARGET_INVALID', `${table} has no column ${name}`, {
    hint: near === undefined ? `its columns are ${names.join(', ') || 'none'}` : `did you mean ${near}?`,
  });
}

type NumericColumn = Float64Array | Int32Array | BigInt64Array;

function numericColumn(columns: Columns, name: string, table: string): NumericColumn {
  const values = column(columns, name, table);
  if (ArrayBuffer.isView(values)) return values as NumericColumn;
  throw new ModelOpsError('TARGET_INVALID', `column ${name} of ${table} is not numeric: it has ${JSON.stringify(values[0] ?? null)}`);
}

function numbers(columns: Columns, name: string, table: string): Float64Array {
  const source = numericColumn(columns, name, table);
  const values = source instanceof Float64Array ? source : Float64Array.from(source as ArrayLike<number | bigint>, Number);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new ModelOpsError('TARGET_INVALID', `column ${name} of ${table} is ${values[bad]} in row ${bad}`, {
    hint: 'leave rows without a value out of the data',
  });
}

function weightsOf(observed: Columns, weight: string | undefined, n: number, table: string): Float64Array {
  if (weight === undefined) return new Float64Array(n).fill(1);
  const weights = numbers(observed, weight, table);
  const negative = weights.findIndex((value) => value < 0);
  if (negative >= 0) throw new ModelOpsError('TARGET_INVALID', `weight ${weight} of ${table} is ${weights[negative]} in row ${negative}`);
  if (!weights.some((value) => value > 0)) throw new ModelOpsError('TARGET_INVALID', `weight ${weight} of ${table} is 0 in every row`);
  return weights;
}

/** Text never equals a number: that is a mistake in the data, not a row without a partner. */
function checkComparable(name: string, simulated: Column, observed: Column): void {
  const isNumeric = (values: Column): boolean => ArrayBuffer.isView(values);
  if (isNumeric(simulated) === isNumeric(observed) || simulated.length === 0 || observed.length === 0) return;
  const [text, numeric] = isNumeric(simulated) ? ['the data', 'the simulation'] : ['the simulation', 'the data'];
  throw new ModelOpsError('TARGET_INVALID', `join column ${name} is text in ${text} and numeric in ${numeric}`);
}

function notFinite(number: number, value: string, at: number, n: number, { join }: TargetSpec, observed: Columns): ModelOpsError {
  const key = joinColumns(join).map((name) => `${name} ${String(observed[name]![at % n])}`);
  return new ModelOpsError('TARGET_INVALID', `simulated ${value} is ${number} at ${key.join(', ')} in replicate ${Math.floor(at / n)}`);
}
