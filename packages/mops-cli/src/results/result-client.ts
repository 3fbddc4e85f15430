import type { JobId } from '@modelops/contracts';
import { compareLosses } from './compare-losses.ts';
import { findBest } from './find-best.ts';
import { type Loss, lossOf } from './loss.ts';
import { type LossFiles, pathsOfLosses } from './loss-files.ts';
import { arrowTable } from './query/write-arrow.ts';
import type { LossFilter, ResultClient } from './results.ts';
import { lossesFrom } from './views/definitions.ts';
import { openDuck, withDuckAnd } from './views/duckdb.ts';

/** A {@link ResultClient} over the losses in Parquet files, queried by DuckDB, with these other queries. */
export function createResultClient(losses: LossFiles, others: Pick<ResultClient, 'jobsOf' | 'query' | 'streamQuery'>): ResultClient {
  const source = (job: JobId | undefined) => pathsOfLosses(losses, job);
  const select = ({ job, limit, ...filter }: LossFilter, order: string): Promise<Loss[]> =>
    withDuckAnd(source(job), async (connection, paths) => {
      if (paths.length === 0) return [];
      const { where, bounds } = conditions(filter);
      const sql = `SELECT * FROM ${lossesFrom(paths, { places: true })} WHERE ${where} ORDER BY ${order} ${limitOf(limit)}`;
      return (await connection.runAndReadAll(sql, bounds)).getRowObjectsJS().map(lossOf);
    });
  const getLosses: ResultClient['getLosses'] = (job, { target, limit } = {}) => select({ job, target, limit }, 'file_row_number');
  /** File after file, so that nothing is sorted or kept in memory. */
  async function* streamLosses(filter: LossFilter): AsyncIterable<Loss> {
    const { where, bounds } = conditions(filter);
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (const path of await source(filter.job)) {
      const { connection, close } = await openDuck();
      try {
        const result = await connection.stream(`SELECT * FROM ${lossesFrom([path])} WHERE ${where}`, bounds);
        for await (const rows of result.yieldRowObjectJs()) {
          for (const row of rows) {
            if (left-- <= 0) return;
            yield lossOf(row);
          }
        }
      } finally {
        close();
      }
    }
  }
  const lossTable: ResultClient['lossTable'] = ({ job, limit, ...filter }) =>
    withDuckAnd(source(job), async (connection, paths) => {
      if (paths.length === 0) return new (await import('apache-arrow')).Table();
      const { where, bounds } = conditions(filter);
      return arrowTable(await connection.stream(`SELECT * FROM ${lossesFrom(paths)} WHERE ${where} ${limitOf(limit)}`, bounds));
    });
  return {
    ...others,
    queryLosses: (filter) => select(filter, 'loss NULLS LAST, param_id, job_id'),
    streamLosses,
    lossTable,
    getLosses,
    compare: async (a, b) => compareLosses(await getLosses(a), await getLosses(b)),
    getBestParameters: async ({ job, ...options }) => {
      const { best } = await findBest(losses, job, options);
      return best.map(({ rank: _, ...loss }) => loss);
    },
  };
}

const CONDITIONS = {
  target: 'target = ?',
  bundleDigest: 'bundle_digest = ?',
  since: 'computed_at >= ?::TIMESTAMP',
  until: 'computed_at <= ?::TIMESTAMP',
  minLoss: 'loss >= ?',
  maxLoss: 'loss <= ?',
} as const;

function conditions(filter: LossFilter): { where: string; bounds: (string | number)[] } {
  const given = Object.entries(CONDITIONS).flatMap(([field, condition]) => {
    const bound = filter[field as keyof typeof CONDITIONS];
    return bound === undefined ? [] : [{ condition, bound }];
  });
  return { where: ['true', ...given.map(({ condition }) => condition)].join(' AND '), bounds: given.map(({ bound }) => bound) };
}

const limitOf = (limit: number | undefined): string => (limit === undefined ? '' : `LIMIT ${Math.floor(limit)}`);
