import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueriedStore, filesOf, limits } from './testing/queried-store.ts';

let store: Awaited<ReturnType<typeof createQueriedStore>>;
beforeAll(async () => {
  store = await createQueriedStore();
});
afterAll(() => store.remove());

/** Statements that do more than read the views, with part of the expected reason. `OUT` is a file outside the store, `STORE` the store. */
const REFUSED: readonly (readonly [sql: string, reason: string])[] = [
  ['INSERT INTO losses VALUES (1)', 'INSERT writes'],
  ['UPDATE losses SET loss = 0', 'UPDATE writes'],
  ['DELETE FROM losses', 'DELETE writes'],
  ['DROP VIEW losses', 'DROP writes'],
  ['CREATE TABLE x AS FROM losses', 'CREATE writes'],
  ['CREATE OR REPLACE VIEW losses AS SELECT 1', 'CREATE writes'],
  ['ALTER VIEW losses RENAME TO x', 'ALTER writes'],
  ['TRUNCATE losses', 'TRUNCATE writes'],
  ['/* hidden */ CREATE MACRO f() AS 1', 'CREATE writes'],
  ['WITH x AS (SELECT 1) INSERT INTO losses FROM x', 'not a SELECT'],
  ["COPY losses TO 'OUT'", 'COPY copies files'],
  ["COPY (SELECT 1) TO 'STORE/results/x.parquet' (FORMAT parquet)", 'COPY copies files'],
  ["COPY losses FROM 'OUT'", 'COPY copies files'],
  ["EXPORT DATABASE 'OUT.d'", 'EXPORT writes files'],
  ["IMPORT DATABASE 'OUT.d'", 'IMPORT reads other files'],
  ['CHECKPOINT', 'CHECKPOINT writes'],
  ['BEGIN TRANSACTION', 'BEGIN writes'],
  ["FROM 'OUT'", 'is a file'],
  ["SELECT * FROM losses JOIN 'OUT' ON true", 'is a file'],
  ["SELECT (SELECT secret FROM 'OUT')", 'is a file'],
  ["FROM 'STORE/results/link.csv'", 'is a file'],
  ["FROM 'https://example.org/x.parquet'", 'is a file'],
  ["FROM read_csv('OUT')", 'read_csv reads files'],
  ["FROM read_text('/etc/passwd')", 'read_text reads files'],
  ["FROM read_blob('STORE/../outside.csv')", 'read_blob reads files'],
  ["FROM read_parquet('STORE/results/*/losses.parquet')", 'read_parquet reads files'],
  ["SELECT * FROM (SELECT 1) WHERE EXISTS (FROM read_json('OUT'))", 'read_json reads files'],
  ["FROM glob('/etc/*')", 'glob reads files'],
  ["FROM parquet_metadata('OUT')", 'parquet_metadata reads files'],
  ["FROM sniff_csv('OUT')", 'sniff_csv reads files'],
  [`FROM query('FROM read_csv(''OUT'')')`, 'function query is not available'],
  ["FROM query_table('OUT')", 'function query_table is not available'],
  ["ATTACH 'OUT.db' AS other", 'ATTACH opens another database'],
  ['USE memory', 'USE changes the database'],
  ['INSTALL httpfs', 'INSTALL installs an extension'],
  ['LOAD httpfs', 'LOAD loads an extension'],
  ["LOAD 'OUT.so'", 'LOAD loads an extension'],
  ["SET memory_limit = '1TB'", 'SET sets an option'],
  ['RESET enable_external_access', 'RESET sets an option'],
  ['PRAGMA disable_optimizer', 'PRAGMA sets an option'],
  ['CALL enable_logging()', 'CALL calls a procedure'],
  ["FROM enable_logging(storage = 'file', storage_config = {'path': 'OUT.d'})", 'function enable_logging is not available'],
  ['FROM checkpoint()', 'function checkpoint is not available'],
  ['CREATE SECRET s (TYPE http)', 'CREATE writes'],
  ['SELECT 1; DROP VIEW losses', 'it has 2 statements'],
  ['EXPLAIN ANALYZE SELECT 1', 'use --explain'],
  ['FROM internal.index_rows', 'internal.index_rows is not a view'],
  ['PIVOT losses ON target USING min(loss)', 'PIVOT without IN'],
];

/** Queries that never end or need all memory. */
const ENDLESS: readonly (readonly [sql: string, reason: string])[] = [
  ['WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x FROM r) SELECT count(*) FROM r', 'stopped after 0.2 s'],
  ['SELECT count(*) FROM range(1000000000000000)', 'stopped after 0.2 s'],
  ['SELECT count(*) FROM range(10000000) a, range(10000000) b, losses WHERE a.range + b.range = loss', 'stopped after 0.2 s'],
  ["SELECT repeat('x', 100000000000)", 'too much memory'],
  ['SELECT list(a.range) FROM range(100000000) a', 'too much memory'],
];

describe('refusals', () => {
  const placed = (sql: string) => sql.replaceAll('OUT', store.outside).replaceAll('STORE', join(store.root, 'store'));

  it.each(REFUSED)('%s', async (sql, reason) => {
    await expect(store.run(placed(sql))).rejects.toMatchObject({ code: 'QUERY_REFUSED', message: expect.stringContaining(reason) });
  });

  it('change no file', async () => {
    expect(await filesOf(store.root)).toEqual(store.before);
    expect(await readFile(store.outside, 'utf8')).toBe('secret\n1\n');
    expect(existsSync(`${store.outside}.d`)).toBe(false);
  });

  it.each(ENDLESS)('%s', async (sql, reason) => {
    await expect(store.run(sql, { seconds: reason.startsWith('stopped') ? 0.2 : 30, memory: 100 * 2 ** 20 })).rejects.toMatchObject({
      code: 'QUERY_LIMIT',
      message: expect.stringContaining(reason),
    });
  });

  it('stop a query at Ctrl-C', async () => {
    const controller = new AbortController();
    const running = store.run('SELECT count(*) FROM range(1000000000000000)', { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('are enforced by DuckDB too, without the check of the text', async () => {
    const { guardedQuery } = await import('./guarded-query.ts');
    const tries = [
      `FROM '${store.outside}'`,
      `COPY (SELECT 1) TO '${store.outside}'`,
      'INSTALL httpfs',
      'SET threads = 1',
      `ATTACH '${store.outside}.db'`,
      'RESET lock_configuration',
    ];
    for (const sql of tries)
      await expect(
        guardedQuery('FROM losses', store.opened, limits, (connection) => connection.run(sql)),
        sql,
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^QUERY_/),
      });
  });
});
