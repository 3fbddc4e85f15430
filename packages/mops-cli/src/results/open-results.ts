import type { OpenEnvironment } from '../deps.ts';
import { jobsOf } from './jobs-of.ts';
import { openLossFiles } from './loss-files.ts';
import { resolveResult } from './resolve-result.ts';
import { createResultClient } from './result-client.ts';
import type { ResultClient, TableLimits } from './results.ts';

/** A client for the results of an opened environment. In queries across jobs, damaged losses are reported to `onUnreadable` and omitted. */
export async function openResults(
  opened: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>,
  onUnreadable?: (problem: string) => void,
): Promise<ResultClient> {
  const losses = await openLossFiles(opened, onUnreadable);
  const { stores } = opened;
  const limitsOf = (limits: TableLimits, time: number) => {
    const { rows = Number.POSITIVE_INFINITY, seconds = time, signal = new AbortController().signal } = limits;
    return { rows, seconds, signal, onUnreadable };
  };
  return createResultClient(losses, {
    query: async (sql, limits = {}) => (await import('./query/run-query.ts')).queryTable(sql, opened, limitsOf(limits, 60)),
    async *streamQuery(sql, limits = {}) {
      yield* (await import('./query/run-query.ts')).streamQuery(sql, opened, limitsOf(limits, Number.POSITIVE_INFINITY));
    },
    jobsOf: async (result) => jobsOf((await resolveResult(result, stores.cached)).row, stores),
  });
}
