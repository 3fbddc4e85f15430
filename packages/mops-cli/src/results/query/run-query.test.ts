import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import { openObjectStore } from '@modelops/store';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command as resultsQuery } from '../../commands/results-query.ts';
import { openResults } from '../open-results.ts';
import { createWorld } from '../testing/world.ts';
import { openDuck } from '../views/duckdb.ts';
import { explainQuery, runQuery, writeQuery } from './run-query.ts';
import { createQueriedStore, limits } from './testing/queried-store.ts';

let store: Awaited<ReturnType<typeof createQueriedStore>>;
beforeAll(async () => {
  store = await createQueriedStore();
});
afterAll(() => store.remove());

describe('a query', () => {
  it('computes with the time of each loss', async () => {
    const sql = "SELECT DISTINCT computed_at > TIMESTAMP '2000-01-01' AS later FROM losses";
    expect((await store.run(sql)).rows).toEqual([[true]]);
    expect((await store.run('DESCRIBE losses')).rows).toContainEqual(expect.arrayContaining(['computed_at', 'TIMESTAMP']));
  });

  it('returns rows as JSON values', async () => {
    const sql = `SELECT job_id IS NOT NULL AS known, param_beta, loss, 3::HUGEINT AS n, 2::DECIMAL(3,1) AS d, 'nan'::DOUBLE AS x, 9007199254740993 AS big,
      [1, NULL] AS list, {a: 1} AS struct, TIMESTAMP '2026-01-02 03:04:05.678' AS at, DATE '2026-01-02' AS day FROM losses ORDER BY loss LIMIT 1`;
    const { columns, rows, truncated } = await store.run(sql);
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
    for (const sql of accepted) expect((await store.run(sql)).rows.length, sql).toBeGreaterThan(0);
    expect((await store.run('SHOW TABLES')).rows.flat()).toEqual([
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
    expect(await store.run('FROM range(5000)', { rows: 10 })).toMatchObject({ truncated: true, rows: { length: 10 } });
    expect(await store.run('FROM range(10)', { rows: 10 })).toMatchObject({ truncated: false, rows: { length: 10 } });
  });

  it('returns an Arrow table to a ResultClient', async () => {
    const client = await openResults(store.opened);
    const table = await client.query('SELECT param_beta, loss FROM losses ORDER BY loss', { rows: 2 });
    expect([...table.getChild('param_beta')!]).toEqual([3, 2]);
    await expect(client.query('DROP VIEW losses')).rejects.toMatchObject({ code: 'QUERY_REFUSED' });
  });

  it('answers a ResultClient with tables that are read one after another, also of more rows than memory has room for', async () => {
    const client = await openResults(store.opened);
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
    expect(await explainQuery('SELECT min(loss) FROM losses', store.opened, limits)).toContain('READ_PARQUET');
  });

  it('lists the existing views and columns on error', async () => {
    const error = async (sql: string) => (await store.run(sql).catch((cause: unknown) => cause)) as ModelOpsError;
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
    const dir = await mkdtemp(join(store.root, 'written-'));
    const sql =
      "SELECT param_beta, loss, target, 1::BIGINT AS n, true AS is_ok, TIMESTAMP '2026-01-02 03:04:05' AS at FROM losses ORDER BY loss";
    for (const where of ['true', 'false'])
      for (const format of ['parquet', 'arrow'] as const) {
        const path = join(dir, `${where}.${format}`);
        const query = `SELECT * FROM (${sql}) WHERE ${where} -- all of them`;
        const file = { path, format, force: false };
        expect(await writeQuery(query, file, store.opened, limits)).toEqual({ rows: where === 'true' ? 3 : 0, truncated: false });
        await expect(writeQuery(query, file, store.opened, limits)).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await writeQuery(query, { ...file, force: true }, store.opened, { ...limits, rows: 2 })).toMatchObject({
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
