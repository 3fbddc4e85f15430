import { type JobId, type JobStatus, ModelOpsError } from '@modelops/contracts';
import type { JobRegistry } from '@modelops/store';
import { parseInstant } from './parse-instant.ts';

/** Jobs selected by ids or by filters. */
export interface JobSelection {
  readonly job: readonly string[];
  readonly status: readonly JobStatus[];
  readonly label: Readonly<Record<string, string>>;
  /** As {@link parseInstant} reads it. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export interface SelectedJobs {
  readonly ids: readonly JobId[];
  /** One job was named by its id: its own document is printed, not a list. */
  readonly isOne: boolean;
}

/**
 * The jobs that were named, each once, in the order given; those that filters choose newest first, at least one. Never a job that was not selected.
 * A job whose record cannot be read may be one that the filters choose: it is among them, so that what is done with each names it.
 * @throws USAGE without an id or a filter, or with both; JOB_NOT_FOUND; CONFLICT for an id that may be several jobs'
 */
export async function selectJobs(
  selection: JobSelection,
  { registry, now }: { readonly registry: Pick<JobRegistry, 'resolve' | 'list'>; readonly now: () => number },
): Promise<SelectedJobs> {
  const { job: names, status, label } = selection;
  const isFiltered = hasFilter(selection);
  if (names.length === 0 && !isFiltered)
    throw new ModelOpsError('USAGE', 'no job is named', { hint: 'give job ids, or filters: --status, --label, --since, --until' });
  if (names.length > 0 && isFiltered)
    throw new ModelOpsError('USAGE', 'jobs are named both by id and by filter', { hint: 'leave one of the two out' });
  if (names.length > 0) {
    const ids = [...new Set(await Promise.all(names.map((name) => registry.resolve(name))))];
    return { ids, isOne: names.length === 1 };
  }
  const ids: JobId[] = [];
  const onUnreadable = (id: JobId) => void ids.push(id);
  for await (const { job_id } of registry.list({ status, label, ...periodOf(selection, now()), onUnreadable })) ids.push(job_id);
  if (ids.length === 0) throw new ModelOpsError('JOB_NOT_FOUND', 'no job passes the filters', { hint: 'mops jobs list shows all' });
  return { ids, isOne: false };
}

function hasFilter({ status, label, since, until }: JobSelection): boolean {
  return status.length > 0 || Object.keys(label).length > 0 || since !== undefined || until !== undefined;
}

/** @throws USAGE */
export function periodOf({ since, until }: Pick<JobSelection, 'since' | 'until'>, now: number): { since?: Date; until?: Date } {
  return {
    ...(since === undefined ? {} : { since: parseInstant(since, now) }),
    ...(until === undefined ? {} : { until: parseInstant(until, now) }),
  };
}
