import { formatTable, type TableColumn } from '@modelops/cli-kit';
import { shortId } from '@modelops/contracts';
import type { Loss } from '../results/loss.ts';

export const NO_LOSSES = 'no losses: the study has no target, or every evaluation failed (mops jobs failures JOB)';

/** A table of losses: parameters in their declared order, then the loss. */
export function renderLosses(losses: readonly Loss[]): string {
  if (losses.length === 0) return NO_LOSSES;
  return formatTable(losses, [
    ...inputColumns(losses, { isOfAllJobs: false }),
    { title: 'TARGET', value: ({ target }) => target },
    { title: 'LOSS', value: ({ loss, reason }) => (loss === null ? (reason ?? '-') : shown(loss)), align: 'right' },
    ...replicateColumns(losses, STANDARD_ERROR),
  ]);
}

/** The error of a replicate mean as a column. */
export interface ErrorColumn<R> {
  readonly title: string;
  readonly of: (row: R) => number | null;
}

export const STANDARD_ERROR: ErrorColumn<Pick<Loss, 'standard_error'>> = {
  title: 'STD ERROR',
  of: ({ standard_error }) => standard_error,
};

/** The losses of the single replicates: mean and standard error only where an evaluator computes them. */
export function replicateColumns<R extends Pick<Loss, 'replicate_mean' | 'n_replicates'>>(
  rows: readonly R[],
  error: ErrorColumn<R>,
): TableColumn<R>[] {
  const spread: TableColumn<R>[] = [
    { title: 'REPLICATE MEAN', value: (row) => shown(row.replicate_mean), align: 'right' },
    { title: error.title, value: (row) => shown(error.of(row)), align: 'right' },
  ];
  return [
    ...(rows.some(({ replicate_mean }) => replicate_mean !== null) ? spread : []),
    { title: 'REPLICATES', value: ({ n_replicates }) => n_replicates, align: 'right' },
  ];
}

/** A number with six digits; `-` for no value. */
export function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value ?? '-');
}

/** `beta=0.4 mode=a` */
export function inlineParams(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

type Inputs = Pick<Loss, 'job_id' | 'param_id' | 'params' | 'model_digest' | 'entrypoint'>;

/** The job and the model of each row if the rows are of all jobs, then the parameters. */
export function inputColumns<R extends Inputs>(rows: readonly R[], { isOfAllJobs }: { readonly isOfAllJobs: boolean }): TableColumn<R>[] {
  const names = [...new Set(rows.flatMap(({ params }) => Object.keys(params)))];
  const sources: TableColumn<R>[] = [
    { title: 'JOB', value: ({ job_id }) => job_id },
    { title: 'MODEL', value: modelOf },
  ];
  return [
    ...(isOfAllJobs ? sources : []),
    { title: 'PARAMETERS', value: ({ param_id }) => shortId(param_id) },
    ...names.map((name): TableColumn<R> => ({ title: name, value: ({ params }) => shown(params[name]), align: 'right' })),
  ];
}

/** `models.seir.SEIR/baseline@1f2e3d4c`: two versions of one model differ too. */
function modelOf({ entrypoint, model_digest }: Pick<Loss, 'entrypoint' | 'model_digest'>): string {
  return `${entrypoint}@${shortId(model_digest.replace(/^sha256:/, ''))}`;
}
