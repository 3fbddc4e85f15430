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
let seeds: string[];

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
  seeds = [0, 1, 2, 3].map((task) => String(job.tasks.seedAt(task)));
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

  it.for(LOADED)('is read by R with the commands of its README: %s', { timeout: 300_000 }, async (layout, context) => {
    const readme = await readFile(join(exports[layout], 'README.md'), 'utf8');
    const [first, withPython] = Array.from(readme.matchAll(/```r\n([\s\S]*?)```/g), ([, code]) => code!);
    const printed = inR(layout === 'csv' ? `${first}${R_CHECKS}` : eitherInR(first!, withPython!), exports[layout]);
    if (printed === undefined) skipped(context, 'Rscript is not installed (Debian: apt-get install r-base-core)');
    const lines = printed.trim().split('\n');
    if (lines[0] === 'skip') skipped(context, lines[1]!);
    const [time] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(await readFile(join(exports.csv, 'losses.csv'), 'utf8'))!;
    const isTyped = layout !== 'csv';
    expect(lines.at(-1)!.split('|')).toEqual([
      ...['8', '7.333333333333', 'a, "b"', 'ü', '5', '0.1', '1.1', 'NA', '0.5', '2', '3'],
      ...seeds,
      ...['TRUE', 'TRUE'], // numbers, text
      ...[isTyped ? 'logical' : expect.any(String), 'FALSE', 'FALSE', 'FALSE'], // R 4.2 takes the false of CSV for text
      ...(isTyped ? ['POSIXct', time, 'NA'] : ['character', time, '']),
      isTyped ? '2' : '0', // missing texts: CSV does not tell them from empty ones
    ]);
  });
});

/** Prints what R found on one line. Seeds go up to 2^32, beyond R's integers. */
const R_CHECKS = `
cat(c(
  nrow(prevalence), sprintf("%.12f", sum(prevalence$infected)), sort(unique(prevalence$param_mode), method = "radix"), length(unique(prevalence$note)),
  losses$loss, losses$param_beta, sprintf("%.0f", unique(as.numeric(prevalence$seed))),
  all(sapply(list(prevalence$day, prevalence$infected, prevalence$seed, losses$n_replicates, losses$loss), is.numeric)),
  all(sapply(list(prevalence$note, prevalence$param_mode, losses$param_id, losses$target), is.character)),
  class(losses$cache_hit), as.logical(losses$cache_hit), class(losses$computed_at)[1],
  if (is.character(losses$computed_at)) substr(losses$computed_at[c(1, 3)], 1, 19) else format(losses$computed_at[c(1, 3)], "%Y-%m-%dT%H:%M:%S", tz = "UTC"),
  sum(is.na(losses$reason))
), sep = "|")
`;

/** Reads with the package arrow, otherwise with reticulate and the Python that pandas is tested with. */
const eitherInR = (withArrow: string, withPython: string) => `
if (requireNamespace("arrow", quietly = TRUE)) {
${withArrow}
} else if (requireNamespace("reticulate", quietly = TRUE) && isTRUE(file.exists(reticulate::py_discover_config()$libpython))) {
${withPython}
stopifnot(reticulate::py_config()$python == Sys.getenv("RETICULATE_PYTHON"))
} else {
cat("skip\nR has neither the package arrow nor reticulate (Debian: apt-get install r-cran-reticulate) with a Python that is a shared library")
quit()
}
${R_CHECKS}`;

/** What R prints; undefined if R is not installed. */
function inR(script: string, cwd: string): string | undefined {
  try {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', RETICULATE_PYTHON: python(), RETICULATE_AUTOCONFIGURE: 'FALSE' };
    return execFileSync('Rscript', ['--vanilla', '-'], { cwd, input: script, encoding: 'utf8', env });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Skips a test, and prints why. */
function skipped(context: TestContext, why: string): never {
  console.warn(`skipped: ${context.task.name}: ${why}`);
  return context.skip(why);
}
