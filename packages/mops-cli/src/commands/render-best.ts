import { formatTable, type Style, type TableColumn } from '@modelops/cli-kit';
import type { RankedLoss, WeightedLoss } from '../results/best-losses.ts';
import type { Loss } from '../results/loss.ts';
import { inputColumns, NO_LOSSES, replicateColumns, STANDARD_ERROR, shown } from './render-losses.ts';

export interface BestOf {
  /** Whether the sets of all jobs are ranked: each row then has its job and model, also if those are the same in all rows. */
  readonly isOfAllJobs: boolean;
}

/** One table per target, because losses of different targets have different scales. */
export function renderBest(best: readonly RankedLoss[], of: BestOf, { color }: Style): string {
  if (best.length === 0) return NO_LOSSES;
  const targets = [...new Set(best.map(({ target }) => target))];
  const tables = targets.map((name) => {
    const rows = best.filter(({ target }) => target === name);
    const table = formatTable(rows, [
      ...rankColumn(rows),
      ...inputColumns(rows, of),
      { title: 'TARGET', value: ({ target }) => target },
      { title: 'LOSS', value: ({ loss }) => shown(loss), align: 'right' },
      ...replicateColumns(rows, STANDARD_ERROR),
    ]);
    return targets.length === 1 ? table : `${color.bold(name)}\n${table}`;
  });
  return tables.join('\n\n');
}

/** The weighted sums of the targets' losses, with the error that the mean of the single replicates has at most. */
export function renderWeighted(best: readonly WeightedLoss[], weights: Readonly<Record<string, number>>, of: BestOf): string {
  if (best.length === 0) return 'no parameter set has a loss for each of these targets';
  return formatTable(best, [
    ...rankColumn(best),
    ...inputColumns(best, of),
    ...Object.keys(weights).map(
      (name): TableColumn<WeightedLoss> => ({
        title: `${name} × ${weights[name]}`,
        value: ({ targets }) => shown(targets[name]!.loss),
        align: 'right',
      }),
    ),
    { title: 'WEIGHTED LOSS', value: ({ loss }) => shown(loss), align: 'right' },
    ...replicateColumns(best, { title: 'STD ERROR ≤', of: ({ standard_error_bound }) => standard_error_bound }),
  ]);
}

type Ranked = Pick<Loss, 'job_id' | 'param_id' | 'params' | 'model_digest' | 'entrypoint'> & { readonly rank: number };

/** `2=` for a set that shares its rank. */
function rankColumn<R extends Ranked>(rows: readonly R[]): TableColumn<R>[] {
  const times = new Map<number, number>();
  for (const { rank } of rows) times.set(rank, (times.get(rank) ?? 0) + 1);
  return [{ title: 'RANK', value: ({ rank }) => `${rank}${times.get(rank)! > 1 ? '=' : ''}`, align: 'right' }];
}
