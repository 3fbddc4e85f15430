import { type Axis, lossAxis, parameterAxis } from './numbers/axis.ts';
import { rankCorrelation, rowsByValue } from './numbers/order.ts';
import type { PairParameter } from './plots/pair-matrix.ts';
import type { LossTable, ParameterColumn, SaltelliDesign, TargetLosses } from './report-data.ts';
import { designSensitivity, type TableSensitivity, tableSensitivity } from './sensitivity/table-sensitivity.ts';

/** One target, prepared for plots. */
export interface TargetAnalysis extends TargetLosses {
  /** Sets with a loss, the lowest first. */
  readonly rows: Uint32Array;
  readonly axis: Axis;
  readonly sensitivity: TableSensitivity | undefined;
  /** The varying parameters that matter most, in declared order. */
  readonly paired: readonly PairParameter[];
}

/** A loss table, prepared for plots. */
export interface Analysis {
  readonly table: LossTable;
  /** Parameters with more than one value, with their axes. */
  readonly varying: readonly (ParameterColumn & PairParameter)[];
  /** Parameters with a single value, and the value as text. */
  readonly fixed: readonly (readonly [string, string])[];
  readonly targets: readonly TargetAnalysis[];
  /** The parameters whose coverage is shown. */
  readonly paired: readonly PairParameter[];
}

/** Maximum number of parameters in a matrix of pairs, so that the page stays readable and small. */
const MAX_PAIRED = 10;

export function analyseTable(table: LossTable, saltelli?: SaltelliDesign): Analysis {
  const axes = table.parameters.map((column) => ({ ...column, axis: parameterAxis(column) }));
  const varies = ({ values }: ParameterColumn) => {
    const first = values.find((value) => !Number.isNaN(value));
    return first !== undefined && values.some((value) => !Number.isNaN(value) && value !== first);
  };
  const varying = axes.filter(varies);
  const targets = table.targets.map((target) => analyseTarget(target, varying, saltelli));
  return {
    table,
    varying,
    fixed: axes
      .filter((column) => !varies(column))
      .map(({ name, axis, values }) => [name, axis.text(values.find((value) => !Number.isNaN(value)) ?? Number.NaN)] as const),
    targets,
    paired: inOrder(varying, targets[0]?.paired ?? varying.slice(0, MAX_PAIRED)),
  };
}

function analyseTarget(
  target: TargetLosses,
  varying: readonly (ParameterColumn & PairParameter)[],
  saltelli: SaltelliDesign | undefined,
): TargetAnalysis {
  const rows = rowsByValue(target.losses);
  const sensitivity = (saltelli && designSensitivity(saltelli, target.losses)) ?? tableSensitivity(varying, target.losses, rows);
  const overall = new Map(sensitivity?.parameters.map((one) => [one.name, one.overall.value]));
  const weight = new Map(
    varying.map(({ name, values }) => {
      const known = overall.get(name);
      return [name, known === undefined || Number.isNaN(known) ? Math.abs(rankCorrelation(values, target.losses, rows)) : known] as const;
    }),
  );
  const most = [...varying].sort((a, b) => weight.get(b.name)! - weight.get(a.name)!).slice(0, MAX_PAIRED);
  return { ...target, rows, axis: lossAxis('loss', target.losses), sensitivity, paired: inOrder(varying, most) };
}

/** The chosen parameters, in the order in which the model declares them. */
function inOrder(varying: readonly PairParameter[], chosen: readonly PairParameter[]): PairParameter[] {
  const names = new Set(chosen.map(({ name }) => name));
  return varying.filter(({ name }) => names.has(name));
}
