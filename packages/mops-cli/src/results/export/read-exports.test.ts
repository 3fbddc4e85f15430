import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { literal, openDuck } from '../views/duckdb.ts';
import { exportJob } from './export-job.ts';
import type { Layout } from './exported-results.ts';

const repository = new URL('../../../../../', import.meta.url).pathname;

/** A Python environment with pandas, polars, pyarrow and duckdb, kept between runs: that of the Python package's tests if set, otherwise created from PyPI. */
function python(): string {
  const named = process.env.MODELOPS_TEST_VENV;
  if (named !== undefined && existsSync(join(named, 'bin/python'))) return join(named, 'bin/python');
  const requirements = readFileSync(join(repository, 'packages/sdk-python/tests/requirements.txt'), 'utf8')
    .split('\n')
    .filter((line) => /^(duckdb|numpy|pandas|polars|pyarrow)==/.test(line));
  const venv = join(repository, 'node_modules/.cache', `modelops-tables-${sha256Hex(requirements.join()).slice(0, 12)}`);
  const program = join(venv, 'bin/python');
  if (existsSync(join(venv, 'complete'))) return program;
  execFileSync(process.env.PYTHON ?? 'python3', ['-m', 'venv', '--clear', venv]);
  execFileSync(program, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements], { stdio: 'inherit' });
  execFileSync('touch', [join(venv, 'complete')]);
  return program;
}

let root: string;
const exports = {} as Record<Layout, string>;
const seen: number[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-exports-'));
  const world = createWorld();
  const job = await world.register({
    sets: [
      { beta: 0.5, mode: 'a, "b"' },
      { beta: 2, mode: 'ü' },
      { beta: 3, mode: '' },
    ],
    replicates: 2,
    targets: ['fit'],
  });
  const table = (task: number) => [
    { name: 'day', values: Int32Array.of(0, 1) },
    { name: 'infected', values: Float64Array.of(task, 1 / 3) },
    { name: 'note', values: [`task ${task}`, 'ü'] },
  ];
  await world.compute(job, [0, 1, 2, 3], { table });
  await world.index(job, (set) => 0.1 + set);
  for (const layout of ['parquet', 'csv', 'arrow', 'tree'] as const) {
    exports[layout] = join(root, layout);
    const onProgress = (done: number) => seen.push(done);
    const request = { job, layout, output: exports[layout], force: false, signal: new AbortController().signal, onProgress };
    expect(await exportJob(request, world.stores)).toMatchObject({ results: 4, missing: 2, losses: expect.stringMatching(/^losses\./) });
  }
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const LOADED = ['parquet', 'csv', 'arrow'] as const;

/** What every reader must find: rows, the sum of infected, of seeds as text, the modes, and the losses. */
const EXPECTED = { rows: 8, infected: 6 + 4 / 3, modes: ['a, "b"', 'ü'], notes: 5, losses: [0.1, 1.1, null], betas: [0.5, 2, 3] };

describe('an export', () => {
  it('has the outputs, losses and a README, and reports progress to the end', async () => {
    for (const layout of LOADED)
      expect((await readdir(exports[layout])).sort()).toEqual([
        '.modelops-export.json',
        'README.md',
        `losses.${layout}`,
        `prevalence.${layout}`,
      ]);
    expect(await readdir(exports.tree)).toEqual(expect.arrayContaining(['README.md', 'losses.parquet', 'token']));
    expect(seen).toEqual([6, 6, 6, 6]);
  });

  it.each(['pandas', 'polars'])(
    'is read by %s with the commands of its README',
    async (library) => {
      for (const layout of LOADED) {
        const readme = await readFile(join(exports[layout], 'README.md'), 'utf8');
        const [, code] = new RegExp(`${library}\\n\\n\`\`\`python\\n([\\s\\S]*?)\`\`\``).exec(readme)!;
        const script = `${code}
import json, math
column = lambda table, name: [None if isinstance(value, float) and math.isnan(value) else value for value in table[name].${library === 'pandas' ? 'tolist()' : 'to_list()'}]
print(json.dumps({
    "rows": len(prevalence), "infected": sum(column(prevalence, "infected")), "modes": sorted(set(column(prevalence, "param_mode"))),
    "notes": len(set(column(prevalence, "note"))), "losses": column(losses, "loss"), "betas": column(losses, "param_beta"),
}))`;
        expect(JSON.parse(execFileSync(python(), ['-c', script], { cwd: exports[layout], encoding: 'utf8' })), layout).toEqual(EXPECTED);
      }
    },
    300_000,
  );

  it('is read by DuckDB with the commands of its README', async () => {
    for (const layout of ['parquet', 'csv'] as const) {
      const { connection, close } = await openDuck();
      const file = (name: string) => literal(join(exports[layout], `${name}.${layout}`));
      const readme = await readFile(join(exports[layout], 'README.md'), 'utf8');
      expect(readme).toContain(`FROM 'prevalence.${layout}'`);
      const sql = `SELECT count(*)::INTEGER AS rows, sum(infected) AS infected, list(DISTINCT param_mode ORDER BY param_mode) AS modes,
        count(DISTINCT note)::INTEGER AS notes, (SELECT list(loss ORDER BY param_beta) FROM ${file('losses')}) AS losses,
        (SELECT list(param_beta ORDER BY param_beta) FROM ${file('losses')}) AS betas FROM ${file('prevalence')}`;
      expect((await connection.runAndReadAll(sql)).getRowObjectsJson()[0], layout).toEqual({
        ...EXPECTED,
        infected: expect.closeTo(EXPECTED.infected, 12),
      });
      close();
    }
  });

  it('is read by DuckDB from Arrow files with the commands of its README', async (context) => {
    try {
      execFileSync(python(), ['-c', 'import duckdb'], { stdio: 'ignore' });
    } catch {
      skipped(context, 'the Python of MODELOPS_TEST_VENV has no duckdb: run packages/sdk-python/run-tests in a new folder');
    }
    const readme = await readFile(join(exports.arrow, 'README.md'), 'utf8');
    const [, code] = /DuckDB, in Python with pyarrow\n\n```python\n([\s\S]*?)```/.exec(readme)!;
    const script = `${code}
import json
one = lambda sql: duckdb.sql(sql).fetchall()[0]
rows, infected, modes, notes = one("SELECT count(*), sum(infected), list(DISTINCT param_mode ORDER BY param_mode), count(DISTINCT note) FROM prevalence")
found, betas = one("SELECT list(loss ORDER BY param_beta), list(param_beta ORDER BY param_beta) FROM losses")
print(json.dumps({"rows": rows, "infected": infected, "modes": modes, "notes": notes, "losses": found, "betas": betas}))`;
    const printed = execFileSync(python(), ['-c', script], { cwd: exports.arrow, encoding: 'utf8' }).trim().split('\n');
    expect(JSON.parse(printed.at(-1)!)).toEqual({ ...EXPECTED, infected: expect.closeTo(EXPECTED.infected, 12) });
  }, 300_000);

  it('stores the time of each loss as a timestamp, and as ISO 8601 in CSV', async () => {
    const { connection, close } = await openDuck();
    const typeOf = async (from: string) =>
      (await connection.runAndReadAll(`SELECT typeof(computed_at) FROM ${from} WHERE loss IS NOT NULL LIMIT 1`)).getRows()[0]![0];
    expect(await typeOf(literal(join(exports.parquet, 'losses.parquet')))).toBe('TIMESTAMP');
    close();
    const arrow = await import('apache-arrow');
    const table = arrow.tableFromIPC(await readFile(join(exports.arrow, 'losses.arrow')));
    expect(String(table.getChild('computed_at')!.type)).toContain('Timestamp');
    expect(await readFile(join(exports.csv, 'losses.csv'), 'utf8')).toMatch(/\d{4}-\d\d-\d\dT[\d:.]+Z/);
  });

  // Debian has no package of R that reads Parquet or Arrow: nanoparquet and arrow are on CRAN.
  it.for([
    { layout: 'csv', library: 'utils' },
    { layout: 'parquet', library: 'arrow' },
    { layout: 'parquet', library: 'nanoparquet' },
    { layout: 'arrow', library: 'arrow' },
  ] as const)('is read by R with the commands of its README: $layout, package $library', async ({ layout, library }, context) => {
    if (!hasLibrary(library)) skipped(context, `R has no package ${library}: install.packages("${library}")`);
    const readme = await readFile(join(exports[layout], 'README.md'), 'utf8');
    const [, code] = /```r\n([\s\S]*?)```/.exec(readme)!;
    const script = `${library === 'nanoparquet' ? code!.replaceAll('arrow::', 'nanoparquet::') : code}
cat(nrow(prevalence), sum(prevalence$infected), paste(sort(unique(prevalence$param_mode), method = "radix"), collapse = "|"), length(unique(prevalence$note)), losses$loss, losses$param_beta, sep = "\\n")`;
    const lines = inR(script, exports[layout]).trim().split('\n');
    expect(lines).toEqual(['8', '7.333333', 'a, "b"|ü', '5', '0.1', '1.1', 'NA', '0.5', '2', '3']);
  });
});

function inR(script: string, cwd = root): string {
  return execFileSync('Rscript', ['-e', script], { cwd, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
}

function hasLibrary(name: string): boolean {
  return inR(`cat(requireNamespace("${name}", quietly = TRUE))`) === 'TRUE';
}

/** Skips a test, and prints why. */
function skipped(context: TestContext, why: string): never {
  console.warn(`skipped: ${context.task.name}: ${why}`);
  return context.skip(why);
}
