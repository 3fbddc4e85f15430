import type { ParamValue, ParamValues } from '@modelops/contracts';
import { identifier, literal } from './duckdb.ts';

/** A parameter of some results, and the type of its column. */
export interface ViewParameter {
  readonly name: string;
  readonly type: 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';
}

/** An output's files, and its own columns in order. */
export interface OutputFiles {
  readonly name: string;
  readonly files: readonly string[];
  readonly columns: readonly string[];
  readonly parameters: readonly ViewParameter[];
}

/** Schema of the views that other views use. */
export const INTERNAL = 'internal';

const INDEX_COLUMNS =
  'task_id VARCHAR, param_id VARCHAR, params VARCHAR, seed UBIGINT, status VARCHAR, error VARCHAR, started_at DOUBLE, duration_ms DOUBLE, job_id VARCHAR, worker VARCHAR';

/** The folder of a row's file, with a trailing slash. Computed once per file, because all rows of a file have the same name. */
const FOLDER = "regexp_replace(filename, '[^/]*$', '')";

/** A relation without rows. @param columns names and types */
function noRows(columns: string): string {
  return `SELECT ${columns.replace(/(\w+) (\w+)/g, 'NULL::$2 AS $1')} WHERE false`;
}

const filesOf = (paths: readonly string[]) => `[${paths.map(literal).join(', ')}]`;

/**
 * Every row of every index, with its place. A path ends in
 * `<schema>/v1/sims/<code>/<entry>@<scenario>/<pack>/_index.parquet`. `evicted`: of packs whose outputs `mops store gc` deleted.
 */
export function indexRows({ live, evicted }: Readonly<Record<'live' | 'evicted', readonly string[]>>): string {
  const parts = [
    ...(live.length > 0 ? [placed(live, false)] : []),
    ...(evicted.length > 0 ? [placed(evicted, true)] : []),
    noRows(`${INDEX_COLUMNS}, evicted BOOLEAN, place BIGINT, folder VARCHAR`),
  ];
  return `
    SELECT *, split_part(folder, '/', -2) AS pack, split_part(folder, '/', -4) AS code,
      regexp_replace(split_part(folder, '/', -3), '@[^@]*$', '') AS entry,
      nullif(regexp_extract(split_part(folder, '/', -3), '@([^@]*)$', 1), '') AS scenario
    FROM (${parts.join(' UNION ALL BY NAME ')})`;
}

function placed(paths: readonly string[], isEvicted: boolean): string {
  return `SELECT * EXCLUDE (filename, file_row_number), ${isEvicted} AS evicted, file_row_number AS place,
    ${FOLDER} AS folder
    FROM read_parquet(${filesOf(paths)}, union_by_name = true, filename = true, file_row_number = true)`;
}

/** One row per task: its result (of duplicates, that of the lowest pack; evicted ones last), otherwise its latest failure. */
export const countedRows = `
  SELECT * FROM ${INTERNAL}.index_rows
  QUALIFY row_number() OVER (PARTITION BY task_id ORDER BY status = 'ok' DESC, evicted, CASE WHEN status = 'ok' THEN pack END, pack DESC, place) = 1`;

const INPUTS = `task_id, code, concat_ws('/', entry, scenario) AS entrypoint, coalesce(scenario, '') AS scenario, param_id`;

/** Tasks that have run, with their parameters. */
export function tasksView(parameters: readonly ViewParameter[]): string {
  return `SELECT ${INPUTS}, ${paramColumns(parameters)}seed, status, epoch_ms(started_at::BIGINT) AS started_at, duration_ms,
    nullif(job_id, '') AS computed_by, worker, pack, evicted FROM ${INTERNAL}.counted_rows`;
}

/** Tasks without a result but with a recorded failure: the latest failure of each. */
export function failuresView(parameters: readonly ViewParameter[]): string {
  const field = (name: string) => `error->>'$.${name}' AS ${name}`;
  return `SELECT ${INPUTS}, ${paramColumns(parameters)}seed, ${['kind', 'type', 'message', 'traceback', 'stderr_tail'].map(field).join(', ')},
    epoch_ms(started_at::BIGINT) AS started_at, duration_ms, nullif(job_id, '') AS job_id, worker
    FROM ${INTERNAL}.counted_rows WHERE status = 'failed'`;
}

/** One row per parameter set that has run. */
export function parametersView(parameters: readonly ViewParameter[]): string {
  return `SELECT param_id, ${paramColumns(parameters)}params
    FROM (SELECT param_id, any_value(params) AS params FROM ${INTERNAL}.index_rows GROUP BY param_id)`;
}

/** Columns of every output's view before the output's own columns. */
const RESERVED: readonly string[] = ['task_id', 'code', 'entrypoint', 'scenario', 'param_id', 'seed'];

/**
 * An output of every counted result, with the result's inputs. A file holds the rows of its pack's results one after another, and the index
 * gives the number of rows of each; tasks with equal (param_id, seed) are distinguished by position.
 */
export function outputView({ name, files, columns, parameters }: OutputFiles): string {
  const rows = identifier(`rows_${name}`);
  const taken = new Set([...RESERVED, ...parameters.map((parameter) => `param_${parameter.name}`.toLowerCase())]);
  const own = columns.map(
    (column) => `o.${identifier(column)} AS ${identifier(taken.has(column.toLowerCase()) ? `${name}_${column}` : column)}`,
  );
  return `
    SELECT t.task_id, t.code, t.entrypoint, t.scenario, t.param_id, ${parameters.map(({ name: param }) => `t.${identifier(`param_${param}`)}, `).join('')}t.seed${own.map((column) => `, ${column}`).join('')}
    FROM (
      SELECT *, file_row_number AS "internal place", ${FOLDER} AS "internal folder"
      FROM read_parquet(${filesOf(files)}, union_by_name = true, filename = true, file_row_number = true)
    ) o
    JOIN (
      SELECT ${INPUTS}, ${paramColumns(parameters)}seed, folder, starts, ${rows} AS size
      FROM (SELECT * FROM ${INTERNAL}.counted_rows WHERE status = 'ok' AND NOT evicted AND ${rows} > 0)
      JOIN (
        SELECT folder, place, coalesce(sum(${rows}) OVER (PARTITION BY folder ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS starts
        FROM ${INTERNAL}.index_rows WHERE NOT evicted AND ${rows} IS NOT NULL
      ) USING (folder, place)
    ) t
    ON o."internal folder" = t.folder AND o.param_id = t.param_id AND o.seed = t.seed
      AND o."internal place" >= t.starts AND o."internal place" < t.starts + t.size`;
}

/** `losses.parquet` of every job; parameters follow `param_id`. */
export function lossesView(files: readonly string[], columns: readonly string[]): string {
  const params = columns.filter((column) => column.startsWith('param_') && column !== 'param_id');
  const others = columns.filter((column) => !params.includes(column) && column !== 'job_id' && column !== 'param_id');
  const list = ['job_id', 'param_id', ...params, ...others].map((name) => (name === 'computed_at' ? COMPUTED_AT : identifier(name)));
  return `SELECT ${list.join(', ')} FROM read_parquet(${filesOf(files)}, union_by_name = true)`;
}

/** A timestamp in UTC: text in losses of older versions. */
export const COMPUTED_AT = 'TRY_CAST(computed_at AS TIMESTAMP) AS computed_at';

/** The losses of files as a relation. `places`: each row's place in its file is its column `file_row_number`. */
export function lossesFrom(files: readonly string[], { places = false } = {}): string {
  return `(SELECT * REPLACE (${COMPUTED_AT}) FROM read_parquet(${filesOf(files)}, union_by_name = true${places ? ', file_row_number = true' : ''}))`;
}

/** The losses view if no job has losses. */
export const noLosses = noRows(
  'job_id VARCHAR, param_id VARCHAR, target VARCHAR, loss DOUBLE, n_replicates INTEGER, n_failed INTEGER, replicate_mean DOUBLE, standard_error DOUBLE, bundle_digest VARCHAR, model_digest VARCHAR, entrypoint VARCHAR, scenario VARCHAR, computed_at TIMESTAMP, cache_hit BOOLEAN, reason VARCHAR',
);

/** Source of each result of each job. A result that one attempt computed and a later one reused counts as computed. */
export function attributionView(files: readonly string[]): string {
  if (files.length === 0) return noRows('job_id VARCHAR, task_id VARCHAR, source VARCHAR');
  return `SELECT split_part(filename, '/', -4) AS job_id, task_id, min(source) AS source
    FROM read_parquet(${filesOf(files)}, filename = true) GROUP BY ALL`;
}

/** Columns `param_<name>` from the column `params`, which is parsed once per row; a value of another type fails the query. */
function paramColumns(parameters: readonly ViewParameter[]): string {
  if (parameters.length === 0) return '';
  const paths = parameters.map(({ name }) => literal(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)).join(', ');
  const values = `json_extract_string(params, [${paths}])`;
  return parameters.map(({ name, type }, at) => `CAST(${values}[${at + 1}] AS ${type}) AS ${identifier(`param_${name}`)}, `).join('');
}

/** The parameters of some sets, in order of first use; of type text if values differ in type. */
export function parametersOf(sets: readonly ParamValues[]): ViewParameter[] {
  const typeOf = (value: ParamValue) => (typeof value === 'number' ? 'DOUBLE' : typeof value === 'boolean' ? 'BOOLEAN' : 'VARCHAR');
  return joinParameters(sets.map((set) => Object.entries(set).map(([name, value]) => ({ name, type: typeOf(value) }))));
}

/** Parameters of several models; of type text if they differ in type. */
export function joinParameters(parts: Iterable<readonly ViewParameter[]>): ViewParameter[] {
  const types = new Map<string, ViewParameter['type']>();
  for (const part of parts) for (const { name, type } of part) types.set(name, (types.get(name) ?? type) === type ? type : 'VARCHAR');
  return [...types].map(([name, type]) => ({ name, type }));
}
