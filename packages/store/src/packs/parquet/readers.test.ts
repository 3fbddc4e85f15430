import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { type AggregationId, type ParamId, sha256Hex, type TaskId } from '@modelops/contracts';
import { tableFromIPC } from 'apache-arrow';
import { readParquet as readByRust } from 'parquet-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../objects/memory-object-store.ts';
import { writeAttribution } from '../attribution.ts';
import { SNAPPY_PACK, snappyColumns } from '../testing/snappy-columns.ts';
import { aggregationFiles, simulationFiles } from '../writer/write-pack.ts';
import { readParquet } from './read-parquet.ts';
import { writeParquet } from './write-parquet.ts';

/** Versions that are known to be on PyPI. */
const PYTHON_PACKAGES = ['pyarrow==26.0.1', 'polars'];
const run = promisify(execFile);

/** Every kind of file that the system writes. */
async function filesOfEveryKind(): Promise<Record<string, Uint8Array>> {
  const objects = createMemoryObjectStore();
  const task_id = sha256Hex('task') as TaskId;
  await writeAttribution(objects, 'some', [{ task_id, source: 'reused' }]);
  await writeAttribution(objects, 'none', []);
  const aggregation = {
    aggregation_id: sha256Hex('a') as AggregationId,
    param_id: sha256Hex('p') as ParamId,
    target: 'prevalence',
    loss: 0.5,
    n_replicates: 3,
    diagnostics: '{}',
    computed_at: '2026-03-01T12:00:00.000Z',
    job_id: 'job-a',
    reason: null,
  };
  const fileOf = (pack: ReturnType<typeof simulationFiles>, name: string) => pack.find((file) => file.name === name)!.bytes;
  const pack = simulationFiles(SNAPPY_PACK);
  return {
    columns: writeParquet(snappyColumns()),
    'one-row': writeParquet([
      { name: 'x', type: 'float64', values: Float64Array.of(1e-300) },
      { name: 'none', type: 'float64', values: [null] },
    ]),
    'no-rows': writeParquet([
      { name: 'loss', type: 'float64', values: [] },
      { name: 'n', type: 'int32', values: [] },
      { name: 'seed', type: 'uint64', values: new BigUint64Array() },
      { name: 'hit', type: 'bool', values: [] },
      { name: 'reason', type: 'utf8', values: [] },
    ]),
    'all-null': writeParquet([
      { name: 'x', type: 'float64', values: new Array<null>(3_000).fill(null) },
      { name: 's', type: 'utf8', values: new Array<null>(3_000).fill(null) },
    ]),
    index: fileOf(pack, '_index.parquet'),
    output: fileOf(pack, 'prevalence.parquet'),
    'output-without-rows': fileOf(pack, 'nothing.parquet'),
    aggregations: aggregationFiles([aggregation, { ...aggregation, loss: null, reason: 'too few' }])[0]!.bytes,
    attribution: (await objects.get('some'))!.bytes,
    'attribution-of-none': (await objects.get('none'))!.bytes,
  };
}

/** Numbers that JSON lacks, and integers beyond 2^53, as text. */
const plain = (value: unknown): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;

type Contents = Record<string, unknown[]>;

function contentsOf(bytes: Uint8Array): Contents {
  const table = readParquet(bytes);
  return Object.fromEntries(table.names.map((name) => [name, table.list<unknown>(name).map(plain)]));
}

const READ = {
  pyarrow: 'import pyarrow.parquet as pq\nread = lambda file: pq.read_table(file).to_pydict()',
  polars: 'import polars\nread = lambda file: polars.read_parquet(file).to_dict(as_series=False)',
};

const scriptOf = (library: keyof typeof READ) => `${READ[library]}
import json, math, sys
def plain(value):
    if isinstance(value, bool) or value is None or isinstance(value, str): return value
    if isinstance(value, int): return value if abs(value) < 2**31 else str(value)
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else str(value)
json.dump([{name: [plain(value) for value in values] for name, values in read(file).items()} for file in sys.argv[1:]], sys.stdout)
`;

/** Python prints small 64-bit integers as numbers too. */
const asPython = (contents: Contents): Contents =>
  Object.fromEntries(
    Object.entries(contents).map(([name, values]) => [
      name,
      values.map((value) => (typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value)),
    ]),
  );

describe('files of every kind are read identically by', () => {
  let files: Record<string, Uint8Array>;
  let folder: string;
  const pathOf = (name: string) => join(folder, `${name}.parquet`);
  beforeAll(async () => {
    files = await filesOfEveryKind();
    folder = mkdtempSync(join(tmpdir(), 'readers-'));
    for (const [name, bytes] of Object.entries(files)) writeFileSync(pathOf(name), bytes);
  });

  let python: string | undefined;
  let reason = '';
  beforeAll(async () => {
    const venv = mkdtempSync(join(tmpdir(), 'venv-'));
    try {
      await run('python3', ['-m', 'venv', venv]);
      await run(join(venv, 'bin/pip'), ['install', '--quiet', '--only-binary', ':all:', '--retries', '1', ...PYTHON_PACKAGES]);
      python = join(venv, 'bin/python');
    } catch (error) {
      reason = `no Python libraries from PyPI: ${(error as Error).message.split('\n')[0]}`;
      console.warn(`skipped: ${reason}`);
    }
  }, 300_000);

  it('DuckDB', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    for (const [name, bytes] of Object.entries(files)) {
      const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${pathOf(name)}')`);
      const columns = reader.getColumnsObject();
      expect(reader.columnNames(), name).toEqual(readParquet(bytes).names);
      for (const [column, values] of Object.entries(contentsOf(bytes)))
        expect((columns[column] ?? []).map(plain), `${name}.${column}`).toEqual(values);
    }
    connection.closeSync();
    instance.closeSync();
  });

  it('arrow-rs', () => {
    for (const [name, bytes] of Object.entries(files)) {
      const table = tableFromIPC(readByRust(bytes).intoIPCStream());
      expect(
        table.schema.fields.map((field) => field.name),
        name,
      ).toEqual(readParquet(bytes).names);
      for (const [column, values] of Object.entries(contentsOf(bytes)))
        expect(Array.from(table.getChild(column)! as Iterable<unknown>, plain), `${name}.${column}`).toEqual(values);
    }
  });

  describe('Python libraries', () => {
    it.for(Object.keys(READ) as (keyof typeof READ)[])('%s', async (library, { skip }) => {
      if (python === undefined) return skip(reason);
      const names = Object.keys(files);
      const script = join(folder, `read-with-${library}.py`);
      writeFileSync(script, scriptOf(library));
      const { stdout } = await run(python, [script, ...names.map(pathOf)], { maxBuffer: 2 ** 30 });
      const read = JSON.parse(stdout) as Contents[];
      for (const [at, name] of names.entries()) expect(read[at], name).toEqual(asPython(contentsOf(files[name]!)));
    });
  });

  it('R', async ({ skip }) => {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', RETICULATE_PYTHON: python ?? '', RETICULATE_AUTOCONFIGURE: 'FALSE' };
    const script = join(folder, 'read.R');
    writeFileSync(script, R_SCRIPT);
    const names = Object.keys(files);
    const lines = await run('Rscript', ['--vanilla', script, ...names.map(pathOf)], { env }).then(
      ({ stdout }) => stdout.trim().split(/\s*\n/),
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ['skip', 'Rscript is not installed'];
        throw error;
      },
    );
    if (lines[0] === 'skip') {
      const why = python === undefined ? `${lines[1]}; ${reason}` : lines[1]!;
      console.warn(`skipped R: ${why}`);
      return skip(why);
    }
    const expected = names.map((name) => {
      const { rows, names: columns } = readParquet(new Uint8Array(readFileSync(pathOf(name))));
      return `${rows} ${columns.join(',')}`;
    });
    expect(lines).toEqual(expected);
  });
});

/** Prints the rows and column names of the data frame of each file. Values pass from Python as text: reticulate corrupts integers beyond 2^31. */
const R_SCRIPT = `
if (requireNamespace("arrow", quietly = TRUE)) {
  options(arrow.skip_nul = TRUE)
  read <- function(file) as.data.frame(arrow::read_parquet(file))
} else if (nzchar(Sys.getenv("RETICULATE_PYTHON")) && requireNamespace("reticulate", quietly = TRUE) &&
  isTRUE(file.exists(reticulate::py_discover_config()$libpython))) {
  parquet <- reticulate::import("pyarrow.parquet")
  replace <- reticulate::import("pyarrow.compute")$replace_substring
  nul <- reticulate::py_eval("chr(0)", convert = FALSE) # R's text cannot hold it
  read <- function(file) {
    table <- parquet$read_table(file)
    columns <- lapply(table$columns, function(column) {
      text <- replace(column$cast("string"), nul, "")$to_pylist()
      text[lengths(text) == 0] <- NA
      as.character(unlist(text))
    })
    data.frame(setNames(columns, table$column_names), check.names = FALSE)
  }
} else {
  cat("skip\\nR has neither the package arrow nor reticulate with a Python that is a shared library and has pyarrow")
  quit()
}
for (file in commandArgs(TRUE)) {
  frame <- read(file)
  cat(nrow(frame), paste(names(frame), collapse = ","), "\\n")
}
`;
