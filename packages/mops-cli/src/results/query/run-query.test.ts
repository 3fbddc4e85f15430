import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import { openObjectStore } from '@modelops/store';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultsQuery } from '../../commands/results-query.ts';
import { openResults } from '../open-results.ts';
import { createWorld } from '../testing/world.ts';
import { openDuck } from '../views/duckdb.ts';
import { explainQuery, type QueryOptions, runQuery, writeQuery } from './run-query.ts';

let root: string;
let outside: string;
let opened: Parameters<typeof runQuery>[1];
let before: readonly string[];
const limits: QueryOptions = { rows: 1000, seconds: 60, signal: new AbortController().signal };
const run = (sql: string, options: Partial<QueryOptions> = {}) => runQuery(sql, opened, { ...limits, ...options });
const filesOf = async (dir: string) => (await readdir(dir, { recursive: true })).sort();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-query-'));
  const path = join(root, 'store');
  await mkdir(path);
  outside = join(root, 'outside.csv');
  await writeFile(outside, 'secret\n1\n');
  const world = createWorld(await openObjectStore({ provider: 'fs', path }));
  const job = await world.register({ sets: [{ beta: 1 }, { beta: 2 }, { beta: 3 }], replicates: 2, targets: ['fit'] });
  await world.compute(job, [0, 1, 2, 3, 4, 5]);
  await world.index(job, (set) => 3 - set);
  await symlink(outside, join(path, 'results', 'link.csv'));
  const environment = { environment: 'test', storage: { provider: 'fs', path } } as BundleEnvironment;
  opened = { stores: world.stores, environment, cacheDir: join(root, 'cache') };
  before = await filesOf(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a query', () => {
  it('computes with the time of each loss', async () => {
    const sql = "SELECT DISTINCT computed_at > TIMESTAMP '2000-01-01' AS later FROM losses";
    expect((await run(sql)).rows).toEqual([[true]]);
    expect((await run('DESCRIBE losses')).rows).toContainEqual(expect.arrayContaining(['computed_at', 'TIMESTAMP']));
  });

  it('returns rows as JSON values', async () => {
    const sql = `SELECT job_id IS NOT NULL AS known, param_beta, loss, 3::HUGEINT AS n, 2::DECIMAL(3,1) AS d, 'nan'::DOUBLE AS x, 9007199254740993 AS big,
      [1, NULL] AS list, {a: 1} AS struct, TIMESTAMP '2026-01-02 03:04:05.678' AS at, DATE '2026-01-02' AS day FROM losses ORDER BY loss LIMIT 1`;
    const { columns, rows, truncated } = await run(sql);
    expect(columns.slice(0, 3)).toEqual([
      { name: 'known', type: 'BOOLEAN' },
      { name: 'param_beta', type: 'DOUBLE' },
      { name: 'loss', type: 'DOUBLE' },
    ]);
    expect(rows).toEqual([[true, 3, 1, 3, 2, 'NaN', '9007199254740993', [1, null], { a: 1 }, '2026-01-02T03:04:05.678Z', '2026-01-02']]);
    expect(truncated).toBe(false);
  });

  it('may use comments, CTEs, VALUES, SHOW, DESCRIBE, SUMMARIZE, PIVOT and functions that create rows', async () => {
    const accepted = [
      '-- the best\nSELECT min(loss) FROM losses; -- all',
      'WITH best AS (FROM losses ORDER BY loss LIMIT 1) FROM best JOIN parameters USING (param_id)',
      'VALUES (1), (2)',
      'SHOW TABLES',
      'DESCRIBE prevalence',
      'SUMMARIZE losses',
      "FROM (PIVOT losses ON target IN ('fit') USING min(loss))",
      'FROM range(3), unnest([1, 2])',
      'SELECT table_name FROM information_schema.tables',
      'TABLE jobs',
      'SELECT "loss" FROM LOSSES',
    ];
    for (const sql of accepted) expect((await run(sql)).rows.length, sql).toBeGreaterThan(0);
    expect((await run('SHOW TABLES')).rows.flat()).toEqual([
      'attribution',
      'failures',
      'jobs',
      'losses',
      'parameters',
      'prevalence',
      'tasks',
    ]);
  });

  it('stops at the row limit', async () => {
    expect(await run('FROM range(5000)', { rows: 10 })).toMatchObject({ truncated: true, rows: { length: 10 } });
    expect(await run('FROM range(10)', { rows: 10 })).toMatchObject({ truncated: false, rows: { length: 10 } });
  });

  it('returns an Arrow table to a ResultClient', async () => {
    const client = await openResults({ ...opened, stores: opened.stores });
    const table = await client.query('SELECT param_beta, loss FROM losses ORDER BY loss', { rows: 2 });
    expect([...table.getChild('param_beta')!]).toEqual([3, 2]);
    await expect(client.query('DROP VIEW losses')).rejects.toMatchObject({ code: 'QUERY_REFUSED' });
  });

  it('answers a ResultClient with tables that are read one after another, also of more rows than memory has room for', async () => {
    const client = await openResults({ ...opened, stores: opened.stores });
    const seen: number[] = [];
    for await (const table of client.streamQuery('SELECT range FROM range(150000)')) seen.push(table.numRows);
    expect(seen.reduce((sum, rows) => sum + rows, 0)).toBe(150_000);
    expect(Math.max(...seen)).toBeLessThan(80_000);
    const values: unknown[] = [];
    for await (const table of client.streamQuery('SELECT param_beta, infected FROM prevalence ORDER BY ALL', { rows: 2 }))
      values.push(...table.getChild('param_beta')!);
    expect(values).toHaveLength(2);
    // A consumer that stops early, of rows that never end.
    for await (const table of client.streamQuery('SELECT range FROM range(1000000000000000)')) {
      expect(table.numRows).toBeGreaterThan(0);
      break;
    }
    const next = (sql: string, seconds?: number) =>
      client
        .streamQuery(sql, seconds === undefined ? {} : { seconds })
        [Symbol.asyncIterator]()
        .next();
    // An interrupted query ends with that, whether DuckDB or the consumer is at work.
    const controller = new AbortController();
    const read = async () => {
      for await (const _ of client.streamQuery('SELECT range FROM range(1000000000000000)', { signal: controller.signal }))
        controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(next('SELECT nothing FROM losses')).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(next('DROP VIEW losses')).rejects.toMatchObject({ code: 'QUERY_REFUSED' });
    await expect(next('SELECT count(*) FROM range(1000000000000000)', 0.2)).rejects.toMatchObject({ code: 'QUERY_LIMIT' });
    expect((await next('FROM losses WHERE false')).value.numRows).toBe(0);
  });

  it('is explained without running it', async () => {
    expect(await explainQuery('SELECT min(loss) FROM losses', opened, limits)).toContain('READ_PARQUET');
  });

  it('lists the existing views and columns on error', async () => {
    const error = async (sql: string) => (await run(sql).catch((cause: unknown) => cause)) as ModelOpsError;
    expect(await error('FROM loses')).toMatchObject({
      code: 'QUERY_INVALID',
      message: 'view loses not found',
      hint: expect.stringContaining('losses, jobs'),
    });
    expect(await error('FROM incidence')).toMatchObject({ hint: expect.stringContaining('prevalence') });
    expect(await error('SELECT los FROM losses')).toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining('"los" not found'),
    });
    expect(await error('SELEC 1')).toMatchObject({ code: 'QUERY_INVALID', message: expect.stringContaining('syntax error') });
    expect(await error(' ')).toMatchObject({ code: 'QUERY_INVALID', message: 'the SQL is empty' });
  });

  it('is written as Parquet and Arrow, empty results too, and replaces a file only with force', async () => {
    const dir = await mkdtemp(join(root, 'written-'));
    const sql =
      "SELECT param_beta, loss, target, 1::BIGINT AS n, true AS is_ok, TIMESTAMP '2026-01-02 03:04:05' AS at FROM losses ORDER BY loss";
    for (const where of ['true', 'false'])
      for (const format of ['parquet', 'arrow'] as const) {
        const path = join(dir, `${where}.${format}`);
        const query = `SELECT * FROM (${sql}) WHERE ${where} -- all of them`;
        const file = { path, format, force: false };
        expect(await writeQuery(query, file, opened, limits)).toEqual({ rows: where === 'true' ? 3 : 0, truncated: false });
        await expect(writeQuery(query, file, opened, limits)).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await writeQuery(query, { ...file, force: true }, opened, { ...limits, rows: 2 })).toMatchObject({
          truncated: where === 'true',
        });
      }
    const arrow = tableFromIPC(await readFile(join(dir, 'true.arrow')));
    const row = { param_beta: 3, loss: 1, target: 'fit', n: 1n, is_ok: true, at: Date.parse('2026-01-02T03:04:05Z') };
    expect(arrow.toArray().map((one) => one.toJSON())[0]).toEqual(row);
    expect(tableFromIPC(await readFile(join(dir, 'false.arrow'))).schema.names).toEqual(Object.keys(row));
    const duck = await openDuck();
    const read = await duck.connection.runAndReadAll(`FROM '${join(dir, 'true.parquet')}'`);
    expect(read.getRowObjectsJson()).toHaveLength(2);
    expect(read.columnNames()).toEqual(Object.keys(row));
    duck.close();
    expect(await readdir(dir)).toHaveLength(4);
    await rm(dir, { recursive: true });
  });
});

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
  const placed = (sql: string) => sql.replaceAll('OUT', outside).replaceAll('STORE', join(root, 'store'));

  it.each(REFUSED)('%s', async (sql, reason) => {
    await expect(run(placed(sql))).rejects.toMatchObject({ code: 'QUERY_REFUSED', message: expect.stringContaining(reason) });
  });

  it('change no file', async () => {
    expect(await filesOf(root)).toEqual(before);
    expect(await readFile(outside, 'utf8')).toBe('secret\n1\n');
    expect(existsSync(`${outside}.d`)).toBe(false);
  });

  it.each(ENDLESS)('%s', async (sql, reason) => {
    await expect(run(sql, { seconds: reason.startsWith('stopped') ? 0.2 : 30, memory: 100 * 2 ** 20 })).rejects.toMatchObject({
      code: 'QUERY_LIMIT',
      message: expect.stringContaining(reason),
    });
  });

  it('stop a query at Ctrl-C', async () => {
    const controller = new AbortController();
    const running = run('SELECT count(*) FROM range(1000000000000000)', { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('are enforced by DuckDB too, without the check of the text', async () => {
    const { guardedQuery } = await import('./guarded-query.ts');
    const tries = [
      `FROM '${outside}'`,
      `COPY (SELECT 1) TO '${outside}'`,
      'INSTALL httpfs',
      'SET threads = 1',
      `ATTACH '${outside}.db'`,
      'RESET lock_configuration',
    ];
    for (const sql of tries)
      await expect(
        guardedQuery('FROM losses', opened, limits, (connection) => connection.run(sql)),
        sql,
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^QUERY_/),
      });
  });
});

describe('the queries that docs and help print', () => {
  const page = readFileSync(new URL('../../../../../docs/results.md', import.meta.url), 'utf8');
  const printed = [page, ...resultsQuery.examples].flatMap((text) =>
    [...text.matchAll(/mops results query "([^"]+)"/g)].map(([, sql]) => sql!),
  );

  it('count each result once in a store of several scenarios, jobs and duplicates, beside a job without targets', async () => {
    const path = await mkdtemp(join(tmpdir(), 'modelops-query-'));
    const world = createWorld(await openObjectStore({ provider: 'fs', path }));
    const environment = { environment: 'test', storage: { provider: 'fs', path } } as BundleEnvironment;
    const here = { stores: world.stores, environment, cacheDir: join(path, 'cache') };
    const table = (task: number) => [
      { name: 'day', values: Int32Array.of(0, 1) },
      { name: 'infected', values: Float64Array.of(task, 10) },
    ];
    const made = { sets: [{ beta: 0.5 }, { beta: 2 }, { beta: 4 }], targets: ['prevalence'] };
    const [first, again, bare] = [await world.register(made), await world.register(made), await world.register({ sets: made.sets })];
    const locked = await world.register({ ...made, sets: [{ beta: 8 }], scenario: 'lockdown' });
    for (const job of [first, again]) await world.compute(job, [0, 1, 2], { table });
    await world.compute(locked, [0], { table: () => table(9) });
    for (const job of [first, again, locked]) await world.index(job, (set) => set + 0.25);
    await world.index(bare);
    const answers: unknown[][] = [];
    for (const sql of printed) answers.push((await runQuery(sql, here, limits)).rows as unknown[]);
    const means = [
      [0, (1 + 2 + 9) / 3],
      [1, 10],
    ];
    expect(answers).toEqual([means, [['prevalence', 0.25]], means]);
  });
});
