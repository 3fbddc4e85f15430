import { type JobId, ModelOpsError } from '@modelops/contracts';
import { bestLosses } from './best-losses.ts';
import { compareLosses } from './compare-losses.ts';
import { type Loss, lossOf } from './loss.ts';
import type { LossFiles } from './loss-files.ts';
import { arrowTable } from './query/write-arrow.ts';
import type { LossFilter, ResultClient } from './results.ts';
import { lossesFrom } from './views/definitions.ts';
import { openDuck, withDuck } from './views/duckdb.ts';

/** A {@link ResultClient} over the losses in Parquet files, queried by DuckDB, with these other queries. */
export function createResultClient(losses: LossFiles, others: Pick<ResultClient, 'jobsOf' | 'query' | 'streamQuery'>): ResultClient {
  const source = async (job: JobId | undefined): Promise<readonly string[]> => {
    if (job === undefined) return losses.all();
    const file = await losses.of(job);
    if (file === undefined) throw new ModelOpsError('RESULT_NOT_FOUND', `${job} has no results yet`, { hint: `mops jobs status ${job}` });
    return [file];
  };
  const select = async (filter: LossFilter, order: string): Promise<Loss[]> => {
    const paths = await source(filter.job);
    if (paths.length === 0) return [];
    const { where, bounds } = conditions(filter);
    const sql = `SELECT * FROM ${lossesFrom(paths, { places: true })} WHERE ${where} ORDER BY ${order} ${limitOf(filter.limit)}`;
    const rows = await withDuck(async (connection) => (await connection.runAndReadAll(sql, bounds)).getRowObjectsJS());
    return rows.map(lossOf);
  };
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
  const lossTable: ResultClient['lossTable'] = async (filter) => {
    const paths = await source(filter.job);
    if (paths.length === 0) return new (await import('apache-arrow')).Table();
    const { where, bounds } = conditions(filter);
    const sql = `SELECT * FROM ${lossesFrom(paths)} WHERE ${where} ${limitOf(filter.limit)}`;
    return withDuck(async (connection) => arrowTable(await connection.stream(sql, bounds)));
  };
  return {
    ...others,
    queryLosses: (filter) => select(filter, 'loss NULLS LAST, param_id, job_id'),
    streamLosses,
    lossTable,
    getLosses,
    compare: async (a, b) => compareLosses(await getLosses(a), await getLosses(b)),
    getBestParameters: async ({ job, target, nBest }) => {
      const { best } = await bestLosses(await source(job), { target, nBest });
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
