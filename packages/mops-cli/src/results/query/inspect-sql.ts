import { ModelOpsError } from '@modelops/contracts';
import { withDuck } from '../views/duckdb.ts';

const SELECT_ONLY = 'use one SELECT over the views, e.g. SELECT target, min(loss) FROM losses GROUP BY target';

/** Why a statement is refused, by its first word. */
const REASONS: Readonly<Record<string, string>> = {
  ATTACH: 'opens another database',
  DETACH: 'closes a database',
  USE: 'changes the database',
  INSTALL: 'installs an extension',
  LOAD: 'loads an extension',
  FORCE: 'installs an extension',
  SET: 'sets an option',
  RESET: 'sets an option',
  PRAGMA: 'sets an option',
  CALL: 'calls a procedure',
  COPY: 'copies files',
  EXPORT: 'writes files',
  IMPORT: 'reads other files',
  EXPLAIN: 'is an option of this command: use --explain',
};
const WRITES =
  /^(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|ALTER|DROP|COMMENT|VACUUM|CHECKPOINT|ANALYZE|BEGIN|START|COMMIT|ROLLBACK|PREPARE|EXECUTE|DEALLOCATE|UPSERT|REPLACE)$/;

/** Functions in FROM that create rows from their arguments, or list definitions. Others may read files, load code or change the process. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'json_each',
  'json_tree',
  'histogram',
  'histogram_values',
  'duckdb_columns',
  'duckdb_functions',
  'duckdb_types',
  'duckdb_keywords',
]);

/** The views that a statement uses; undefined if it lists all of them (SHOW TABLES, information_schema). @throws QUERY_INVALID for text that is not SQL; QUERY_REFUSED, with the reason, for anything but one statement that reads views */
export async function inspectSql(sql: string): Promise<readonly string[] | undefined> {
  const word = firstWord(sql);
  if (/^[\s;]*$/.test(afterComments(sql))) throw new ModelOpsError('QUERY_INVALID', 'the SQL is empty', { hint: SELECT_ONLY });
  return withDuck(async (connection) => {
    const { count } = await connection.extractStatements(sql).catch((error: unknown) => {
      if (word === 'IMPORT') throw refusedStatement(word); // DuckDB reads the files to parse it
      throw new ModelOpsError('QUERY_INVALID', firstLines(error), { hint: SELECT_ONLY, cause: error });
    });
    if (count > 1 && /^PIVOT/i.test(word))
      throw refused('PIVOT without IN creates a type', "name the values: PIVOT losses ON target IN ('a', 'b') USING min(loss)");
    if (count > 1) throw refused(`it has ${count} statements; only one is allowed`);
    const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    const parsed = JSON.parse(reader.getRows()[0]![0] as string) as { error: boolean; error_type?: string; error_message?: string };
    if (parsed.error && parsed.error_type === 'parser')
      throw new ModelOpsError('QUERY_INVALID', parsed.error_message!, { hint: SELECT_ONLY });
    if (parsed.error) throw refusedStatement(word);
    return viewsIn(parsed);
  });
}

function viewsIn(tree: object): readonly string[] | undefined {
  const views = new Set<string>();
  const named = new Set<string>();
  let listsAll = false;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) visit(item);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type, cte_map, schema_name, catalog_name, table_name, function: called, query } = node as Node;
    for (const { key } of cte_map?.map ?? []) named.add(key.toLowerCase());
    if (type === 'TABLE_FUNCTION') checkFunction(called?.function_name ?? '');
    if (type === 'BASE_TABLE') {
      const isCatalog = schema_name?.toLowerCase() === 'information_schema';
      if (isCatalog) listsAll = true;
      else if (![undefined, '', 'main'].includes(schema_name) || ![undefined, '', 'memory'].includes(catalog_name))
        throw refused(`${[catalog_name, schema_name, table_name].filter((part) => part).join('.')} is not a view`);
      else views.add(table_name ?? '');
    }
    if (type === 'SHOW_REF' && (query === null || query === undefined)) listsAll = true;
    for (const value of Object.values(node)) visit(value);
  };
  visit(tree);
  const used = [...views].filter((name) => !named.has(name.toLowerCase()));
  const file = used.find((name) => /[/\\.*?:]/.test(name));
  if (file !== undefined) throw refused(`'${file}' is a file; a query reads the views only`);
  return listsAll ? undefined : used;
}

/** The fields used of a node of DuckDB's syntax tree. */
interface Node {
  readonly type?: string;
  readonly cte_map?: { readonly map?: readonly { readonly key: string }[] };
  readonly schema_name?: string;
  readonly catalog_name?: string;
  readonly table_name?: string;
  readonly function?: { readonly function_name?: string };
  readonly query?: unknown;
}

function checkFunction(name: string): void {
  if (TABLE_FUNCTIONS.has(name.toLowerCase())) return;
  const readsFiles = /^(read_|parquet_|glob$|sniff_)/i.test(name);
  throw refused(readsFiles ? `function ${name} reads files; a query reads the views only` : `function ${name} is not available in a query`);
}

function refusedStatement(word: string): ModelOpsError {
  const reason = REASONS[word] ?? (WRITES.test(word) ? 'writes' : 'is not a SELECT');
  return refused(word === '' ? 'it is not a SELECT' : `${word} ${reason}`);
}

function refused(reason: string, hint = SELECT_ONLY): ModelOpsError {
  return new ModelOpsError('QUERY_REFUSED', `the query is refused: ${reason}`, { hint });
}

/** The first word after comments, in capitals. */
function firstWord(sql: string): string {
  return (/^[a-z_]+/i.exec(afterComments(sql))?.[0] ?? '').toUpperCase();
}

function afterComments(sql: string): string {
  return sql.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
}

/** A message of DuckDB without its kind. */
export function firstLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^([A-Z]\w+ )+Error: /i, '').trim();
}
