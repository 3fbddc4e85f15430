import { ModelOpsError, type ParamValue, paramIdsOf } from '@modelops/contracts';
import { columnValues, type LossTable, type TargetLosses } from '@modelops/report';
import type { Cell, Table } from '../tables/table.ts';

const PREFIX = 'param_';

/**
 * The parameter sets and losses of a table with columns `param_<name>` and `loss`, and `target` if there are several. Rows of one set and target are
 * replicates; their mean is the loss. @throws USAGE for a table without such columns
 */
export function lossTableOf({ size, columns }: Table, name: string): LossTable {
  const losses = columns.get('loss');
  const names = [...columns.keys()].filter((column) => column.startsWith(PREFIX) && column !== 'param_id');
  if (losses === undefined || names.length === 0) {
    const missing = losses === undefined ? 'column loss' : 'columns param_<name>';
    throw new ModelOpsError('USAGE', `${name} has no ${missing}`, { hint: `its columns: ${[...columns.keys()].join(', ')}` });
  }
  const ids = columns.get('param_id') ?? idsOf(size, names, columns);
  const rowOf = new Map<string, number>();
  const firsts: number[] = [];
  const rows = Uint32Array.from({ length: size }, (_, at) => {
    const id = String(ids[at]);
    const held = rowOf.get(id);
    if (held !== undefined) return held;
    rowOf.set(id, firsts.length);
    return firsts.push(at) - 1;
  });
  return {
    paramIds: [...rowOf.keys()],
    parameters: names.map((column) => ({
      name: column.slice(PREFIX.length),
      ...columnValues(firsts.map((at) => columns.get(column)![at] ?? undefined)),
    })),
    targets: meanLosses(losses, columns.get('target'), rows, firsts.length),
  };
}

function idsOf(size: number, names: readonly string[], columns: Table['columns']): string[] {
  return paramIdsOf(
    Array.from({ length: size }, (_, at) =>
      Object.fromEntries(
        names.flatMap((name): [string, ParamValue][] => {
          const value = columns.get(name)![at]!;
          return value === null ? [] : [[name.slice(PREFIX.length), value]];
        }),
      ),
    ),
  );
}

function meanLosses(losses: ArrayLike<Cell>, targets: ArrayLike<Cell> | undefined, rows: Uint32Array, sets: number): TargetLosses[] {
  const found = new Map<string, { readonly losses: Float64Array; readonly replicates: Int32Array }>();
  rows.forEach((row, at) => {
    const name = targets === undefined ? 'loss' : String(targets[at]);
    const held = found.get(name) ?? { losses: new Float64Array(sets), replicates: new Int32Array(sets) };
    found.set(name, held);
    const loss = losses[at];
    if (typeof loss !== 'number' || !Number.isFinite(loss)) return;
    const n = held.replicates[row]! + 1;
    held.replicates[row] = n;
    held.losses[row] = held.losses[row]! + (loss - held.losses[row]!) / n;
  });
  return [...found].map(([name, { losses: means, replicates }]) => ({
    name,
    losses: means.map((mean, row) => (replicates[row] === 0 ? Number.NaN : mean)),
    // In a table with one row per set, the number of replicates is unknown.
    replicates: replicates.some((n) => n > 1) ? replicates : new Int32Array(sets),
  }));
}
