import type { DuckDBValue } from '@duckdb/node-api';
import { ModelOpsError } from '@modelops/contracts';
import { type Loss, lossOf } from './loss.ts';
import { lossesFrom } from './views/definitions.ts';
import { identifier, literal, withDuckAnd } from './views/duckdb.ts';

/** A parameter set and its rank for its target. */
export interface RankedLoss extends Loss {
  /** 1 is the lowest loss; equal losses have equal ranks. */
  readonly rank: number;
}

/** The loss of one target within a weighted sum, not weighted. */
export type TargetLoss = Pick<Loss, 'replicate_mean' | 'standard_error' | 'n_replicates'> & { readonly loss: number };

/** A parameter set and its weighted sum of the losses of several targets. */
export interface WeightedLoss extends Pick<Loss, 'job_id' | 'param_id' | 'params' | 'model_digest' | 'entrypoint' | 'scenario'> {
  readonly rank: number;
  readonly loss: number;
  /** The weighted sum of the targets' replicate means: the mean of the weighted sums of the single replicates. Null if a target has none. */
  readonly replicate_mean: number | null;
  /**
   * The largest standard error that this mean can have, Σ_t w_t SE_t: targets share replicates, and their correlation is not recorded. Exact for one target
   * and for perfectly correlated ones; null if a target has none. Source: Minkowski's inequality.
   */
  readonly standard_error_bound: number | null;
  /** The lowest number of replicates of a target. */
  readonly n_replicates: number;
  readonly targets: Readonly<Record<string, TargetLoss>>;
}

export interface BestOptions {
  /** Only this target. */
  readonly target?: string | undefined;
  /** Number of sets per target, at least 1. */
  readonly nBest: number;
}

export interface BestLosses {
  /** The lowest losses of each target, best first; targets in alphabetical order. A set that several jobs share counts once. */
  readonly best: readonly RankedLoss[];
  /** By target: number of sets that are not listed although their loss equals that of the last one listed. */
  readonly more_ties: Readonly<Record<string, number>>;
}

export interface BestWeighted {
  readonly best: readonly WeightedLoss[];
  readonly more_ties: number;
  /** By target: number of sets that are not ranked because they have no loss for it. */
  readonly missing: Readonly<Record<string, number>>;
}

/** Jobs that share a result have equal rows: that of the first job is used. */
const SET = 'param_id, model_digest, entrypoint';
const ONCE = `QUALIFY row_number() OVER (PARTITION BY ${SET}, target ORDER BY loss, job_id) = 1`;

/** The lowest losses of each target, or of one, in Parquet files of losses. @throws RESULT_NOT_FOUND for a target that no row has */
export function bestLosses(files: Files, { target, nBest }: BestOptions): Promise<BestLosses> {
  return queried<BestLosses>(files, { best: [], more_ties: {} }, async (query) => {
    const rows = await lowestRows(
      query,
      target === undefined ? 'loss IS NOT NULL' : `loss IS NOT NULL AND target = ${literal(target)}`,
      nBest,
    );
    if (rows.length === 0 && target !== undefined) await refuseUnknown([target], query);
    const best = ranked(
      rows.map(({ [AS_LOW]: _, ...row }) => lossOf(row)),
      ({ target: own }) => own,
    );
    const more_ties: Record<string, number> = {};
    for (const { target: name, [AS_LOW]: count } of rows) {
      const more = Number(count) - best.filter((row) => row.target === name).length;
      if (more > 0) more_ties[String(name)] = more;
    }
    return { best, more_ties };
  });
}

async function refuseUnknown(targets: readonly string[], query: Query): Promise<void> {
  const known = (await query('SELECT DISTINCT target FROM losses ORDER BY target')).map(({ target }) => String(target));
  const unknown = targets.find((name) => !known.includes(name));
  if (unknown !== undefined) throw noLossesOf(unknown, known);
}

/** A target that is not among those that were evaluated. */
export function noLossesOf(target: string, known: readonly string[]): ModelOpsError {
  return new ModelOpsError('RESULT_NOT_FOUND', `no losses of target ${target}`, { hint: `targets: ${known.join(', ') || 'none'}` });
}

/**
 * The parameter sets with the lowest weighted sum of losses, of sets that have a loss for each target.
 * @throws RESULT_NOT_FOUND for a target without losses
 */
export function bestWeighted(files: Files, weights: Readonly<Record<string, number>>, nBest: number): Promise<BestWeighted> {
  return queried<BestWeighted>(files, { best: [], more_ties: 0, missing: {} }, async (query) => {
    const targets = Object.keys(weights);
    await refuseUnknown(targets, query);
    const within = `target IN (${targets.map(literal).join(', ')})`;
    const columns = targets.map((name, at) => `max(loss) FILTER (target = ${literal(name)}) AS loss_${at}`);
    await query(`CREATE TEMP TABLE sums AS SELECT *, ${targets.map((name, at) => `${asDouble(weights[name]!)} * loss_${at}`).join(' + ')} AS total
      FROM (SELECT ${SET}, ${columns.join(', ')} FROM (SELECT * FROM losses WHERE ${within} ${ONCE}) GROUP BY ${SET})`);
    const rows = await query(
      `SELECT losses.*, total AS ${identifier(TOTAL)} FROM (SELECT * FROM losses WHERE ${within} ${ONCE}) AS losses
      JOIN (FROM sums WHERE total IS NOT NULL ORDER BY total, ${SET} LIMIT ${Math.floor(nBest)}) USING (${SET}) ORDER BY total, ${SET}`,
    );
    const best = ranked(weightedOf(rows, weights), () => '');
    const lacking = targets.map((name, at) => `count(*) FILTER (loss_${at} IS NULL) AS ${identifier(name)}`);
    const [counts] = await query(`SELECT ${lacking.join(', ')} FROM sums`);
    const missing = Object.fromEntries(targets.flatMap((name) => (Number(counts![name]) > 0 ? [[name, Number(counts![name])]] : [])));
    const last = best.at(-1)?.loss;
    if (last === undefined) return { best, more_ties: 0, missing };
    const [count] = await query('SELECT count(*) AS n FROM sums WHERE total = $1::DOUBLE', [last]);
    return { best, more_ties: Number(count!.n) - best.filter(({ loss }) => loss === last).length, missing };
  });
}

/** One entry per set from its rows of each target, in the order of the rows. */
function weightedOf(rows: readonly Row[], weights: Readonly<Record<string, number>>): Omit<WeightedLoss, 'rank'>[] {
  const sets = new Map<string, { readonly total: number; readonly losses: Loss[] }>();
  for (const { [TOTAL]: total, ...row } of rows) {
    const loss = lossOf(row);
    const key = [loss.param_id, loss.model_digest, loss.entrypoint].join(' ');
    const held = sets.get(key);
    if (held === undefined) sets.set(key, { total: total as number, losses: [loss] });
    else held.losses.push(loss);
  }
  return [...sets.values()].map(({ total, losses }) => {
    const byTarget = new Map(losses.map((loss) => [loss.target, loss]));
    const own = Object.keys(weights).map((name) => byTarget.get(name)!);
    const { job_id, param_id, params, model_digest, entrypoint, scenario } = own[0]!;
    const counted = own.filter(({ target }) => weights[target] !== 0);
    const weightedSum = (field: 'replicate_mean' | 'standard_error') =>
      counted.some((loss) => loss[field] === null) ? null : counted.reduce((sum, loss) => sum + weights[loss.target]! * loss[field]!, 0);
    return {
      ...{ job_id, param_id, params, model_digest, entrypoint, scenario },
      loss: total,
      replicate_mean: weightedSum('replicate_mean'),
      standard_error_bound: weightedSum('standard_error'),
      n_replicates: Math.min(...own.map(({ n_replicates }) => n_replicates)),
      targets: Object.fromEntries(
        own.map(({ target, loss, replicate_mean, standard_error, n_replicates }) => [
          target,
          { loss: loss!, replicate_mean, standard_error, n_replicates },
        ]),
      ),
    };
  });
}

/** Limit of `n` in DuckDB's `min(value, n)`. */
const MOST_KEPT = 1_000_000;

/**
 * For each target the `n` sets with the lowest losses, each once, best first. Bounds are computed from two columns, and the other columns are read only
 * below these bounds: grouping all rows by set takes five times as long. If the lowest rows have fewer than `n` distinct sets, the number of rows is doubled.
 */
async function lowestRows(query: Query, filter: string, nBest: number): Promise<Row[]> {
  const n = Math.floor(nBest);
  const ranks = 'rank() OVER (PARTITION BY target ORDER BY loss)';
  const place = 'row_number() OVER (PARTITION BY target ORDER BY loss, param_id, job_id, model_digest, entrypoint)';
  for (let taken = n; ; taken *= 2) {
    const last = taken < MOST_KEPT ? `list_max(min(loss, ${taken}))` : 'max(loss)';
    const bounds = await query(`SELECT target, ${last} AS last, count(*) AS rows FROM losses WHERE ${filter} GROUP BY target`);
    if (bounds.length === 0) return [];
    const within = bounds.map(({ target, last }) => `(target = ${literal(String(target))} AND loss <= ${asDouble(last as number)})`);
    const highest = bounds.reduce((most, { last }) => Math.max(most, last as number), Number.NEGATIVE_INFINITY);
    const lowest = `SELECT * FROM losses WHERE ${filter} AND loss <= ${asDouble(highest)} AND (${within.join(' OR ')}) ${ONCE}`;
    const rows = await query(
      `SELECT *, count(*) OVER (PARTITION BY target) AS ${identifier(AS_LOW)} FROM (FROM (${lowest}) QUALIFY ${ranks} <= ${n}) QUALIFY ${place} <= ${n} ORDER BY target, ${place}`,
    );
    const found = (target: unknown) => rows.filter((row) => row.target === target).length;
    if (bounds.every(({ target, rows }) => found(target) >= n || Number(rows) <= taken || taken >= MOST_KEPT)) return rows;
  }
}

/** A number as SQL that DuckDB reads as exactly this double. */
const asDouble = (value: number) => `'${value}'::DOUBLE`;

/** Column: number of sets of the target whose loss is as low as the last one listed. */
const AS_LOW = 'sets as low';
const TOTAL = 'weighted loss';

/** Paths, or the promise of them. */
type Files = readonly string[] | Promise<readonly string[]>;
type Row = Record<string, unknown>;
type Query = (sql: string, values?: DuckDBValue[]) => Promise<Row[]>;

function queried<T>(files: Files, none: T, use: (query: Query) => Promise<T>): Promise<T> {
  return withDuckAnd(files, async (connection, paths) => {
    if (paths.length === 0) return none;
    await connection.run(`CREATE VIEW losses AS FROM ${lossesFrom(paths)}`);
    return use(async (sql, values = []) => (await connection.runAndReadAll(sql, values)).getRowObjectsJS() as Row[]);
  });
}

/** Rows in order, with equal ranks for equal losses of a group. */
export function ranked<R extends { readonly loss: number | null }>(
  rows: readonly R[],
  groupOf: (row: R) => string,
): (R & { readonly rank: number })[] {
  let [group, place, rank, held]: [string | undefined, number, number, number | null] = [undefined, 0, 0, null];
  return rows.map((row) => {
    if (groupOf(row) !== group) [group, place, held] = [groupOf(row), 0, null];
    place++;
    if (row.loss !== held) [rank, held] = [place, row.loss];
    return { ...row, rank };
  });
}
