import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { digestOf, packPrefix, shortId } from '@modelops/contracts';
import { makeModel } from '@modelops/model-host/testing';
import { openObjectStore, packName } from '@modelops/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JobOptions, makeJob, makeStores, startJob, work } from '../testing/made-jobs.ts';

const ENTRY = 'models.m.Model';
const code = (name: string) => shortId(digestOf(name));

/** A query as a page gives it, for a store and for the names of the test's model. */
function queriesOf(page: string, store: string): string[] {
  const text = readFileSync(new URL(`../../../../${page}`, import.meta.url), 'utf8');
  const fenced = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!);
  const indented = [...text.matchAll(/(?:^ {4}.*\n)*^ {4}.*read_parquet.*\n(?:^ {4}.*\n)*/gm)].map(([sql]) => sql);
  return [...fenced, ...indented]
    .flatMap((sql) =>
      sql
        .replace(/^--.*$/gm, '')
        .split(';')
        .filter((one) => one.includes('SELECT')),
    )
    .map((sql) =>
      sql
        .replaceAll('~/.modelops/store', store)
        .replaceAll('models.seir.StochasticSEIR', ENTRY)
        .replaceAll('CODE', code('code'))
        .replaceAll('prevalence', 'out')
        .replaceAll('param_beta, param_gamma', 'param_x')
        .replaceAll('infected', 'x'),
    );
}

async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('queries of the documentation, over a store of several models, jobs and duplicates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'queries-'));
  const [best, mean] = queriesOf('README.md', folder);
  const [distinct] = queriesOf('docs/store.md', folder);

  beforeAll(async () => {
    const stores = makeStores(await openObjectStore({ provider: 'fs', path: folder }));
    const model = (factor: number) =>
      makeModel({
        simulate: `if (values.x === 3) throw new Error('x is 3'); return { out: { day: Int32Array.of(0, 1), x: Float64Array.of(values.x * ${factor}, 10) } };`,
        targets: {
          out: 'return { loss: 10 - columns.x[0], diagnostics: {}, n_replicates: rows.length };',
          other: 'return { loss: -1000, diagnostics: {}, n_replicates: rows.length };',
        },
      });
    const run = async (id: string, options: Partial<JobOptions>, factor = 1) => {
      const job = makeJob({ sets: 4, replicates: 2, targets: ['out', 'other'], id, ...options });
      await work({ job, plan: await startJob(job, stores), load: model(factor) }, stores);
      return job;
    };
    const first = await run('job-1', {});
    await run('job-2', { sets: 2 });
    await run('job-3', { targets: [] });
    await run('job-4', { code: 'another' }, 100);
    // A duplicate of results, and a pack whose writer died before its index.
    const { table } = await stores.provenance.readOutput(first.sims, [first.tasks.idAt(0), first.tasks.idAt(1)], 'out');
    const rows = await stores.provenance.rows(first.sims, [first.tasks.idAt(0), first.tasks.idAt(1)]);
    const simulations = rows.map((row) => row!);
    for (const name of [packName(Date.now(), Math.random), packName(Date.now(), Math.random)])
      await stores.provenance.writeSimulations(first.sims, { name, simulations, outputs: { out: table }, job_id: 'job-5', worker: 'w' });
    const last = (await stores.provenance.packs(first.sims)).at(-1)!;
    await stores.objects.delete(`${packPrefix(first.sims)}${last}/_index.parquet`);
  }, 120_000);

  it('the best parameter sets: one row a set, of one target and model', async () => {
    const rows = await rowsOf(best!);
    // The other version of the model has the same entry point: its losses answer the same question.
    expect(rows.map(({ param_x }) => param_x)).toEqual([2, 1, 0]);
    expect(rows.every(({ loss }) => loss !== -1000)).toBe(true);
  });

  it('the mean of an output: every result once, none of another version or of a pack without an index', async () => {
    expect(await rowsOf(mean!)).toEqual([
      { day: 0, 'avg(x)': 1 },
      { day: 1, 'avg(x)': 10 },
    ]);
  });

  it('the values of an output: none twice', async () => {
    const rows = await rowsOf(distinct!);
    expect(rows).toHaveLength(3 * 2 * 2);
  });
});
