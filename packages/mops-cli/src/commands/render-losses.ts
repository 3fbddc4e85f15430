import { formatTable, type TableColumn } from '@modelops/cli-kit';
import { shortId } from '@modelops/contracts';
import type { Loss } from '../results/loss.ts';

/** Losses for eyes: parameters in their order of declaration, then the loss. */
export function renderLosses(losses: readonly Loss[]): string {
  if (losses.length === 0) return 'no losses; does the study name a target?';
  const names = [...new Set(losses.flatMap(({ params }) => Object.keys(params)))];
  const hasJobs = new Set(losses.map(({ job_id }) => job_id)).size > 1;
  const columns: TableColumn<Loss>[] = [
    ...(hasJobs ? [{ title: 'JOB', value: (row: Loss) => row.job_id }] : []),
    { title: 'PARAMETERS', value: (row) => shortId(row.param_id) },
    ...names.map((name): TableColumn<Loss> => ({ title: name, value: (row) => shown(row.params[name]), align: 'right' })),
    { title: 'TARGET', value: (row) => row.target },
    { title: 'LOSS', value: (row) => (row.loss === null ? (row.reason ?? '-') : shown(row.loss)), align: 'right' },
    { title: 'REPLICATES', value: (row) => row.n_replicates, align: 'right' },
  ];
  return formatTable(losses, columns);
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value ?? '-');
}
