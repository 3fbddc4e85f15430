import { totalmem } from 'node:os';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type ErrorCode, isModelOpsError, ModelOpsError } from '@modelops/contracts';
import type { OpenEnvironment } from '../../deps.ts';
import type { Interruption } from '../results.ts';
import { literal } from '../views/duckdb.ts';
import { FIXED_VIEWS, openViews, type Views } from '../views/open-views.ts';
import { firstLines, inspectSql } from './inspect-sql.ts';

export interface QueryLimits {
  /** Infinity: no limit. */
  readonly seconds: number;
  /** Aborts the query. */
  readonly signal: Interruption;
  /** Called for a damaged file, which is omitted. */
  readonly onUnreadable?: ((problem: string) => void) | undefined;
  /** Called when DuckDB does not stop: it may run until the process ends. */
  readonly onStuck?: () => void;
  /** Bytes. Default: half of the machine's memory. */
  readonly memory?: number;
}

/** Time that DuckDB may take to stop after the time limit. A function call on a long list cannot be interrupted. */
const GRACE_MS = 1000;
/** Maximum number of tries of a query whose packs are replaced while it reads them. */
const MOST_TRIES = 3;

type Opened = Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>;
type Limits = QueryLimits & { readonly writes?: string };

/** The result of `use` for a query. @throws as {@link guardedStream} does */
export async function guardedQuery<T>(
  sql: string,
  opened: Opened,
  limits: Limits,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const results = guardedStream(sql, opened, limits, async function* (connection) {
    yield await use(connection);
  });
  const { value } = await results.next();
  await results.return(undefined);
  return value as T;
}

/**
 * Checks a query and runs it with access only to the files of its views: no other file, no write, no extension, no option. Yields the values of `use`, one
 * when it is asked for; `use` is repeated if files were replaced before the first. `writes` is one additional file that `use` may write.
 * @throws QUERY_INVALID, QUERY_REFUSED, QUERY_LIMIT; STORE_UNREACHABLE if the store's files were replaced at each try, or after the first value
 */
export async function* guardedStream<T>(
  sql: string,
  opened: Opened,
  { writes, ...limits }: Limits,
  use: (connection: DuckDBConnection) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const wanted = await inspectSql(sql);
  let hasYielded = false;
  for (let attempt = 1; ; attempt++) {
    const views = await openViews(opened, { views: wanted, onUnreadable: limits.onUnreadable });
    let isStuck = false;
    try {
      refuseUnknown(wanted, views);
      await lockDown(views.connection, [...views.files, ...(writes === undefined ? [] : [writes])], limits.memory);
      for await (const value of limited(views.connection, limits, use(views.connection))) {
        hasYielded = true;
        yield value;
      }
      return;
    } catch (error) {
      isStuck = isModelOpsError(error) && error.details.isStuck === true;
      if (!isReplaced(error)) throw translated(error);
      if (attempt === MOST_TRIES || hasYielded)
        throw new ModelOpsError('STORE_UNREACHABLE', 'packs were replaced while the query read them', {
          hint: 'run it again',
          cause: error,
        });
    } finally {
      if (isStuck) limits.onStuck?.();
      else views.close(); // which waits for the query
    }
  }
}

function refuseUnknown(wanted: readonly string[] | undefined, { outputs }: Views): void {
  const views = [...FIXED_VIEWS, ...outputs.values()];
  const known = new Set(views.map((name) => name.toLowerCase()));
  const unknown = wanted?.find((name) => !known.has(name.toLowerCase()));
  if (unknown !== undefined) throw new ModelOpsError('QUERY_INVALID', `view ${unknown} not found`, { hint: `views: ${views.join(', ')}` });
}

async function lockDown(connection: DuckDBConnection, files: readonly string[], memory = Math.max(2 ** 29, totalmem() / 2)): Promise<void> {
  await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
  await connection.run(`SET memory_limit = '${Math.floor(memory / 2 ** 20)}MiB'`);
  await connection.run("SET temp_directory = ''");
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

async function* limited<T>(connection: DuckDBConnection, { seconds, signal }: QueryLimits, values: AsyncIterable<T>): AsyncGenerator<T> {
  if (signal.aborted) throw new ModelOpsError('INTERRUPTED', 'interrupted');
  let stuckTimer: NodeJS.Timeout | undefined;
  let interrupted: ModelOpsError | undefined;
  let rejectStuck: (error: ModelOpsError) => void = () => undefined;
  const stuck = new Promise<never>((_, reject) => {
    rejectStuck = reject;
  });
  stuck.catch(() => undefined); // while the consumer works on a value, nothing waits for it
  const interrupt = (error: ModelOpsError) => {
    interrupted = error;
    connection.interrupt();
    const stop = new ModelOpsError(error.code, error.message, { hint: error.hint!, details: { isStuck: true } });
    stuckTimer = setTimeout(() => rejectStuck(stop), GRACE_MS);
  };
  const onTimeout = () => {
    const hint = 'restrict it with WHERE, or increase --timeout';
    interrupt(new ModelOpsError('QUERY_LIMIT', `the query was stopped after ${seconds} s`, { hint }));
  };
  const timer = seconds === Number.POSITIVE_INFINITY ? undefined : setTimeout(onTimeout, seconds * 1000);
  const onAbort = () => interrupt(new ModelOpsError('INTERRUPTED', 'interrupted', { hint: 'nothing was changed' }));
  signal.addEventListener('abort', onAbort);
  const iterator = values[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stuck]);
      if (next.done) return;
      yield next.value;
      if (interrupted !== undefined) throw interrupted;
    }
  } catch (error) {
    throw interrupted !== undefined && !isModelOpsError(error) ? interrupted : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(stuckTimer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Whether a compaction or a deletion removed a file after the views were opened. */
function isReplaced(error: unknown): boolean {
  return error instanceof Error && /^IO Error: (Cannot open file|No files found)/.test(error.message);
}

function translated(error: unknown): unknown {
  if (isModelOpsError(error) || !(error instanceof Error)) return error;
  const { message } = error;
  const as = (code: ErrorCode, prefix: string, hint: string) => new ModelOpsError(code, prefix + firstLines(error), { cause: error, hint });
  if (message.startsWith('Permission Error')) return as('QUERY_REFUSED', 'the query is refused: ', 'a query reads the views only');
  if (/^Out of (Memory|Range) Error/.test(message))
    return as('QUERY_LIMIT', 'the query needs too much memory: ', 'aggregate, or restrict it with WHERE');
  if (/^[A-Z][\w ]*Error: /.test(message))
    return as('QUERY_INVALID', '', 'list the columns of a view: mops results query "DESCRIBE losses"');
  return error;
}
