import { type JobId, ModelOpsError } from '@modelops/contracts';
import { bestLosses } from './best-losses.ts';
import { compareLosses } from './compare-losses.ts';
import { type Loss, lossOf } from './loss.ts';
import { arrowTable } from './query/write-arrow.ts';
import type { LossFilter, ResultClient } from './results.ts';
import { lossesFrom } from './views/definitions.ts';
import { openDuck } from './views/duckdb.ts';

/** The data sources of a result client. */
export interface ResultSources extends Pick<ResultClient, 'jobsOf' | 'query' | 'streamQuery'> {
  /** Path of the Parquet file of a job's losses on this machine. */
  lossesOf(job: JobId): Promise<string | undefined>;
  allLosses(): Promise<readonly string[]>;
}

type Row = Record<string, unknown>;
type Bound = string | number;

/** A {@link ResultClient} over Parquet files, queried by DuckDB. */
export function createResultClient(sources: ResultSources): ResultClient {
  const source = async (job: JobId | undefined): Promise<readonly string[]> => {
    if (job === undefined) return sources.allLosses();
    const file = await sources.lossesOf(job);
    if (file === undefined) throw new ModelOpsError('RESULT_NOT_FOUND', `${job} has no results yet`, { hint: `mops jobs status ${job}` });
    return [file];
  };
  const select = async (paths: readonly string[], bounds: readonly Bound[], sql: string): Promise<Loss[]> => {
    if (paths.length === 0) return [];
    return (await query(`WITH losses AS ${lossesFrom(paths, { places: true })} ${sql}`, bounds)).map(lossOf);
  };
  const queryLosses = async (filter: LossFilter): Promise<Loss[]> => {
    const { where, bounds } = conditions(filter);
    const order = `ORDER BY loss NULLS LAST, param_id, job_id ${limitOf(filter.limit)}`;
    return select(await source(filter.job), bounds, `SELECT * FROM losses WHERE ${where} ${order}`);
  };
  const getLosses: ResultClient['getLosses'] = async (job, { target, limit } = {}) => {
    const { where, bounds } = conditions({ target });
    return select(await source(job), bounds, `SELECT * FROM losses WHERE ${where} ORDER BY file_row_number ${limitOf(limit)}`);
  };
  /** File after file, so that nothing is sorted or kept in memory. */
  async function* streamLosses(filter: LossFilter): AsyncIterable<Loss> {
    const { where, bounds } = conditions(filter);
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (const path of await source(filter.job)) {
      const { connection, close } = await openDuck();
      try {
        const result = await connection.stream(`SELECT * FROM ${lossesFrom([path])} WHERE ${where}`, [...bounds]);
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
    const { connection, close } = await openDuck();
    try {
      return await arrowTable(
        await connection.stream(`SELECT * FROM ${lossesFrom(paths)} WHERE ${where} ${limitOf(filter.limit)}`, [...bounds]),
      );
    } finally {
      close();
    }
  };
  return {
    queryLosses,
    streamLosses,
    query: sources.query,
    streamQuery: sources.streamQuery,
    lossTable,
    getLosses,
    jobsOf: sources.jobsOf,
    compare: async (a, b) => compareLosses(await getLosses(a), await getLosses(b)),
    getBestParameters: async ({ job, target, nBest }) => {
      const { best } = await bestLosses(await source(job), { target, nBest });
      return best.map(({ rank: _, ...loss }) => loss);
    },
  };
}

function conditions({ target, bundleDigest, since, until, minLoss, maxLoss }: LossFilter): { where: string; bounds: Bound[] } {
  const given: [(bound: string) => string, Bound | undefined][] = [
    [(bound) => `target = ${bound}`, target],
    [(bound) => `bundle_digest = ${bound}`, bundleDigest],
    [(bound) => `computed_at >= ${bound}::TIMESTAMP`, since],
    [(bound) => `computed_at <= ${bound}::TIMESTAMP`, until],
    [(bound) => `loss >= ${bound}`, minLoss],
    [(bound) => `loss <= ${bound}`, maxLoss],
  ];
  const used = given.filter((pair): pair is [(typeof given)[number][0], Bound] => pair[1] !== undefined);
  return {
    where: ['true', ...used.map(([condition], at) => condition(`$${at + 1}`))].join(' AND '),
    bounds: used.map(([, value]) => value),
  };
}

const limitOf = (limit: number | undefined): string => (limit === undefined ? '' : `LIMIT ${Math.floor(limit)}`);

async function query(sql: string, bounds: readonly Bound[]): Promise<Row[]> {
  const { connection, close } = await openDuck();
  try {
    return (await connection.runAndReadAll(sql, [...bounds])).getRowObjectsJS() as Row[];
  } finally {
    close();
  }
}
