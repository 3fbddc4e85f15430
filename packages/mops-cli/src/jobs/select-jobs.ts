import { type JobId, ModelOpsError } from '@modelops/contracts';
import type { JobRegistry } from '@modelops/store';
import type { JobFilters } from '../commands/options.ts';
import { parseInstant } from './parse-instant.ts';

/** Jobs selected by ids or by filters. */
export interface JobSelection extends JobFilters {
  readonly job: readonly string[];
}

export interface SelectedJobs {
  readonly ids: readonly JobId[];
  /** One job was named by its id: its document is printed, not a list. */
  readonly isOne: boolean;
}

/**
 * The named jobs, each once, in the given order; or the jobs that match the filters, newest first, at least one. A job whose record cannot be
 * read may match the filters: it is included, so that the command reports it.
 * @throws USAGE without an id or a filter, or with both; JOB_NOT_FOUND; CONFLICT for an ambiguous id
 */
export async function selectJobs(
  selection: JobSelection,
  { registry, now }: { readonly registry: Pick<JobRegistry, 'resolve' | 'list'>; readonly now: () => number },
): Promise<SelectedJobs> {
  const { job: names, status, label, since, until } = selection;
  const isFiltered = status.length > 0 || Object.keys(label).length > 0 || since !== undefined || until !== undefined;
  if (names.length === 0 && !isFiltered)
    throw new ModelOpsError('USAGE', 'no job selected', { hint: 'use job ids, or the filters --status, --label, --since, --until' });
  if (names.length > 0 && isFiltered)
    throw new ModelOpsError('USAGE', 'job ids and filters cannot be combined', { hint: 'remove one of them' });
  if (names.length > 0) {
    const ids = [...new Set(await Promise.all(names.map((name) => registry.resolve(name))))];
    return { ids, isOne: names.length === 1 };
  }
  const ids: JobId[] = [];
  const onUnreadable = (id: JobId) => void ids.push(id);
  for await (const { job_id } of registry.list({ status, label, ...periodOf(selection, now()), onUnreadable })) ids.push(job_id);
  if (ids.length === 0) throw new ModelOpsError('JOB_NOT_FOUND', 'no job matches the filters', { hint: 'list all jobs: mops jobs list' });
  return { ids, isOne: false };
}

/** @throws USAGE */
export function periodOf({ since, until }: Pick<JobSelection, 'since' | 'until'>, now: number): { since?: Date; until?: Date } {
  return {
    ...(since === undefined ? {} : { since: parseInstant(since, now) }),
    ...(until === undefined ? {} : { until: parseInstant(until, now) }),
  };
}
