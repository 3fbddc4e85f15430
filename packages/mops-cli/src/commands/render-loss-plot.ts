import { formatCount, type Style } from '@modelops/cli-kit';
import { ModelOpsError, type ParamValue } from '@modelops/contracts';
import type { Loss } from '../results/loss.ts';
import { brailleScatter } from '../results/plot/braille-scatter.ts';
import { NO_LOSSES, shown } from './render-losses.ts';

const ROWS = 16;
/** Ratio of the largest to the smallest loss from which the scale is logarithmic. */
const LOG_FROM = 1000;

/** @throws USAGE for a parameter that no loss has, naming those that exist */
export function refuseUnknownParameter(losses: readonly Loss[], name: string): void {
  const names = [...new Set(losses.flatMap(({ params }) => Object.keys(params)))];
  if (losses.length > 0 && !names.includes(name))
    throw new ModelOpsError('USAGE', `parameter ${name} not found`, { hint: `parameters: ${names.join(', ')}` });
}

/** One plot of losses against a parameter for each target. Values that are not numbers are placed in alphabetical order. */
export function renderLossPlot(losses: readonly Loss[], name: string, { color, columns }: Style): string {
  const rows = losses.filter(({ loss, params }) => loss !== null && params[name] !== undefined);
  if (rows.length === 0) return NO_LOSSES;
  const targets = [...new Set(rows.map(({ target }) => target))];
  const axis = axisOf(rows.map(({ params }) => params[name]!));
  const plots = targets.map((target) => {
    const own = rows.filter((row) => row.target === target);
    const y = own.map(({ loss }) => loss!);
    const best = own.reduce((lowest, row) => (row.loss! < lowest.loss! ? row : lowest));
    const isLog = best.loss! > 0 && y.reduce((a, b) => Math.max(a, b)) / best.loss! >= LOG_FROM;
    const lines = brailleScatter({
      x: own.map(({ params }) => axis.placeOf(params[name]!)),
      y,
      columns,
      rows: ROWS,
      labelX: axis.label,
      labelY: axisText,
      isLog,
      paintLowest: color.green,
    });
    const title = `loss of ${target} against ${name}${isLog ? ', logarithmic' : ''}: ${formatCount(own.length, 'set')}`;
    return [color.bold(title), ...lines, `lowest: ${shown(best.loss)} at ${name} = ${shown(best.params[name])}`].join('\n');
  });
  return plots.join('\n\n');
}

/** A value with three digits: an axis is read roughly, and its labels take the plot's width. */
function axisText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-4)) return value.toExponential(2).replace(/\.?0*e\+?/, 'e');
  return String(Number(value.toPrecision(3)));
}

interface Axis {
  placeOf(value: ParamValue): number;
  label(place: number): string;
}

function axisOf(values: readonly ParamValue[]): Axis {
  if (values.every((value) => typeof value === 'number')) return { placeOf: Number, label: axisText };
  const names = [...new Set(values.map(String))].sort();
  const places = new Map(names.map((value, at) => [value, at]));
  return { placeOf: (value) => places.get(String(value))!, label: (place) => names[Math.round(place)] ?? '' };
}
