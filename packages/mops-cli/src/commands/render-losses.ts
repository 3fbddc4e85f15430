import { formatTable, type Style, type TableColumn } from '@modelops/cli-kit';
import { shortId } from '@modelops/contracts';
import type { Loss } from '../results/loss.ts';

/** A table of losses: parameters in their declared order, then the loss. Names the job and model of each row where they differ. */
export function renderLosses(losses: readonly Loss[]): string {
  if (losses.length === 0) return 'no losses; does the study name a target?';
  return formatTable(losses, columnsOf(losses, losses));
}

/** A table of losses for each target, since losses of different targets have different scales. */
export function renderLossesByTarget(losses: readonly Loss[], { color }: Style): string {
  const targets = [...new Set(losses.map(({ target }) => target))];
  if (targets.length < 2) return renderLosses(losses);
  const tables = targets.map((name) => {
    const rows = losses.filter(({ target }) => target === name);
    return `${color.bold(name)}\n${formatTable(rows, columnsOf(rows, losses))}`;
  });
  return tables.join('\n\n');
}

/** Columns for some rows of all the losses that are shown. */
function columnsOf(rows: readonly Loss[], all: readonly Loss[]): TableColumn<Loss>[] {
  const names = [...new Set(rows.flatMap(({ params }) => Object.keys(params)))];
  const differs = (value: (row: Loss) => string) => new Set(all.map(value)).size > 1;
  const text = (title: string, value: (row: Loss) => string): TableColumn<Loss>[] => [{ title, value }];
  return [
    ...(differs(({ job_id }) => job_id) ? text('JOB', ({ job_id }) => job_id) : []),
    ...(differs(modelOf) ? text('MODEL', modelOf) : []),
    ...text('PARAMETERS', ({ param_id }) => shortId(param_id)),
    ...names.map((name): TableColumn<Loss> => ({ title: name, value: (row) => shown(row.params[name]), align: 'right' })),
    ...text('TARGET', ({ target }) => target),
    { title: 'LOSS', value: (row) => (row.loss === null ? (row.reason ?? '-') : shown(row.loss)), align: 'right' },
    { title: 'REPLICATES', value: (row) => row.n_replicates, align: 'right' },
  ];
}

/** `models.seir.SEIR/baseline@1f2e3d4c`: two versions of one model differ too. */
function modelOf({ entrypoint, model_digest }: Loss): string {
  return `${entrypoint}@${shortId(model_digest.replace(/^sha256:/, ''))}`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value ?? '-');
}
