import type { OpenEnvironment } from '../deps.ts';
import { jobsOf } from './jobs-of.ts';
import { openLossFiles } from './loss-files.ts';
import { resolveResult } from './resolve-result.ts';
import { createResultClient } from './result-client.ts';
import type { ResultClient } from './results.ts';

/** A client for the results of an opened environment. In queries across jobs, damaged losses are reported to `onUnreadable` and omitted. */
export async function openResults(
  opened: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>,
  onUnreadable?: (problem: string) => void,
): Promise<ResultClient> {
  const losses = await openLossFiles(opened, onUnreadable);
  const { stores } = opened;
  return createResultClient({
    lossesOf: losses.of,
    allLosses: losses.all,
    query: async (sql, { rows = Number.POSITIVE_INFINITY, seconds = 60, signal = new AbortController().signal } = {}) =>
      (await import('./query/run-query.ts')).queryTable(sql, opened, { rows, seconds, signal, onUnreadable }),
    async *streamQuery(
      sql,
      { rows = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY, signal = new AbortController().signal } = {},
    ) {
      const { streamQuery } = await import('./query/run-query.ts');
      yield* streamQuery(sql, opened, { rows, seconds, signal, onUnreadable });
    },
    jobsOf: async (result) => jobsOf((await resolveResult(result, stores.cached)).row, stores),
  });
}
