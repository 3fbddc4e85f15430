import { ModelOpsError, nearestName } from '@modelops/contracts';
import type { Column } from '../columns.ts';
import { alignRows, joinColumns } from './alignment.ts';
import type { EvaluateInput, TargetSpec } from './definition.ts';
import type { AlignedData } from './evaluator.ts';

type Columns = Readonly<Record<string, Column>>;

/** Observations and the simulated values that they are compared with. @throws TARGET_INVALID naming the invalid column, row or value */
export function alignedData(spec: TargetSpec, observed: Columns, { outputs }: EvaluateInput): AlignedData {
  const { output, data, join, value, observedValue = value, rowWeight } = spec;
  const { columns, rows } = outputs[output]!;
  const simulatedTable = `output ${output}`;
  const observedTable = typeof data === 'string' ? data : 'the observed data';
  const source = numericColumn(columns, value, simulatedTable);
  const n = column(observed, observedValue, observedTable).length;
  if (n === 0) throw new ModelOpsError('TARGET_INVALID', `${observedTable} has no rows`);
  for (const name of joinColumns(join)) checkComparable(name, column(columns, name, simulatedTable), column(observed, name, observedTable));
  const observedValues = numbers(observed, observedValue, observedTable);
  if (rows.length === 0) throw new ModelOpsError('TARGET_INVALID', 'there are no replicates to compare with the data');
  if (join !== 'none' && 'column' in join) {
    numericColumn(columns, join.column, simulatedTable);
    numbers(observed, join.column, observedTable);
  }
  if (join === 'none' && n !== 1)
    throw new ModelOpsError('TARGET_INVALID', `${observedTable} has ${n} rows; a target without a join compares one row`);
  const partners = alignRows({ join, observed, simulated: columns, rows, n });
  const simulatedValues = (name: string, source: NumericColumn): Float64Array => {
    const values = new Float64Array(partners.length);
    for (let at = 0; at < partners.length; at++) {
      values[at] = Number(source[partners[at]!]);
      if (!Number.isFinite(values[at])) throw notFinite(values[at]!, name, at, n, spec, observed);
    }
    return values;
  };
  return {
    observed: observedValues,
    simulated: simulatedValues(value, source),
    weights: weightsOf(observed, rowWeight, n, observedTable),
    n_replicates: rows.length,
    observedColumn: (name) => numbers(observed, name, observedTable),
    simulatedColumn: (name) => simulatedValues(name, numericColumn(columns, name, simulatedTable)),
    joinValues: (i) => Object.fromEntries(joinColumns(join).map((name) => [name, plain(observed[name]![i]!)])),
  };
}

/** The value as JSON has it. */
function plain(value: Column[number]): boolean | number | string {
  return typeof value === 'bigint' ? Number(value) : value;
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
    hint: 'remove rows without a value from the data',
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

/** Text never equals a number: that is an error in the data, not an observation without a simulated row. */
function checkComparable(name: string, simulated: Column, observed: Column): void {
  const isNumeric = (values: Column): boolean => ArrayBuffer.isView(values);
  if (isNumeric(simulated) === isNumeric(observed) || simulated.length === 0 || observed.length === 0) return;
  const [text, numeric] = isNumeric(simulated) ? ['the data', 'the simulation'] : ['the simulation', 'the data'];
  throw new ModelOpsError('TARGET_INVALID', `join column ${name} is text in ${text} and numeric in ${numeric}`);
}

function notFinite(number: number, value: string, at: number, n: number, { join }: TargetSpec, observed: Columns): ModelOpsError {
  const key = joinColumns(join).map((name) => `${name} ${String(observed[name]![at % n])}`);
  const where = key.length === 0 ? '' : ` at ${key.join(', ')}`;
  return new ModelOpsError('TARGET_INVALID', `simulated ${value} is ${number}${where} in replicate ${Math.floor(at / n)}`);
}
