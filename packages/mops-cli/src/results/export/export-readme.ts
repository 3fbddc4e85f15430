import { formatCount } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import { extensionOf, fileNameOf, type Layout } from './exported-results.ts';

export const README = 'README.md';

export interface ReadmeFacts {
  readonly job: Job;
  readonly layout: Layout;
  /** The file of the losses, if any. */
  readonly losses: string | null;
  /** Tables that targets kept. */
  readonly kept: readonly string[];
  readonly results: number;
}

/** The README of an export: its files, and how to load them with pandas, polars, R and DuckDB. */
export function exportReadme({ job, layout, losses, kept, results }: ReadmeFacts): string {
  const { study, binding } = job.spec;
  const extension = extensionOf(layout);
  const outputs = layout === 'tree' ? [] : binding.outputs.map((output) => `${fileNameOf(output)}.${extension}`);
  const first = outputs[0] ?? losses;
  return [
    `# Results of ${job.id}`,
    '',
    `${formatCount(results, 'result')} of ${binding.entrypoint}, ${formatCount(study.n_replicates, 'replicate')} per parameter set, from bundle ${binding.bundle_ref}.`,
    '',
    '## Files',
    '',
    ...outputs.map(
      (file) => `- \`${file}\`: rows of the output, each with \`param_id\`, \`seed\` and a column \`param_<name>\` for each parameter`,
    ),
    ...(layout === 'tree' ? [TREE] : []),
    ...(losses === null ? [] : [`- \`${losses}\`: one row per parameter set and target; if \`loss\` is empty, \`reason\` gives the cause`]),
    ...kept.map(
      (file) => `- \`${file}\`: a table that a target kept for each parameter set: one row per observation, with \`param_id\` and \`loss\``,
    ),
    '',
    ...(first === null ? [] : ['## Load', '', ...loaders(first, losses, extension)]),
  ].join('\n');
}

const TREE =
  '- `<schema>/v1/sims/…/params_…/seed_…/`: one result, with its inputs in `metadata.json` and its outputs in `artifact_*.arrow`; import the tree with `mops results import`';

function loaders(first: string, losses: string | null, extension: 'csv' | 'arrow' | 'parquet'): string[] {
  const pandas = { csv: 'pd.read_csv', arrow: 'pd.read_feather', parquet: 'pd.read_parquet' }[extension];
  const polars = { csv: 'pl.read_csv', arrow: 'pl.read_ipc', parquet: 'pl.read_parquet' }[extension];
  const r = { csv: 'read.csv', arrow: 'arrow::read_ipc_file', parquet: 'arrow::read_parquet' }[extension];
  const pyarrow = { csv: null, arrow: 'pyarrow.feather', parquet: 'pyarrow.parquet' }[extension];
  const files = [...new Set([first, ...(losses === null ? [] : [losses])])];
  const load = (call: string, assign = '=') => files.map((file) => `${nameOf(file)} ${assign} ${call}("${file}")`);
  const fenced = (language: string, lines: readonly string[]) => [`\`\`\`${language}`, ...lines, '```', ''];
  const duckdb =
    extension === 'arrow'
      ? fenced('python', [
          'import duckdb',
          'from pyarrow import feather',
          ...load('feather.read_table'),
          `print(duckdb.sql("FROM ${nameOf(first)} LIMIT 5"))`,
        ])
      : fenced(
          'sql',
          files.map((file) => `FROM '${file}' LIMIT 5;`),
        );
  return [
    'pandas',
    '',
    ...fenced('python', ['import pandas as pd', ...load(pandas)]),
    'polars',
    '',
    ...fenced('python', ['import polars as pl', ...load(polars)]),
    extension === 'csv' ? 'R' : 'R, with the package [arrow](https://arrow.apache.org/docs/r/)',
    '',
    ...fenced('r', load(r, '<-')),
    ...(pyarrow === null ? [] : [WITHOUT_ARROW, '', ...fenced('r', [...readWithPython(pyarrow), ...load('read_table', '<-')])]),
    extension === 'arrow' ? 'DuckDB, in Python with pyarrow' : 'DuckDB',
    '',
    ...duckdb,
    ...(losses === null || first === losses ? [] : ['To combine losses and outputs, join them on `param_id`.', '']),
  ];
}

const WITHOUT_ARROW =
  'R without that package, with [reticulate](https://rstudio.github.io/reticulate/) (Debian: `apt-get install r-cran-reticulate`) and pyarrow (`pip install pyarrow`) in the Python that the environment variable `RETICULATE_PYTHON` names';

/**
 * A function of R that reads a file with a module of Python. Values pass as text: reticulate 1.28 (Debian 12) corrupts integers beyond 2^31, and does
 * not convert the arrays of numpy 2 or the data frames of pandas 3.
 */
const readWithPython = (module: string): readonly string[] => [
  'read_table <- function(file) {',
  `  table <- reticulate::import("${module}")$read_table(file)`,
  '  columns <- lapply(table$columns, function(column) {',
  '    text <- column$cast("string")$to_pylist()',
  '    text[lengths(text) == 0] <- NA',
  '    text <- as.character(unlist(text))',
  '    switch(sub("[0-9[].*", "", reticulate::py_str(column$type)),',
  '      int = , uint = , float = , double = as.numeric(text),',
  '      bool = as.logical(text), timestamp = as.POSIXct(text, tz = "UTC"), text)',
  '  })',
  '  data.frame(setNames(columns, table$column_names), check.names = FALSE)',
  '}',
];

/** A variable name for a file. */
function nameOf(file: string): string {
  const name = file.replace(/\.[^.]*$/, '').replace(/\W/g, '_');
  return /^[a-z]/i.test(name) ? name : `output_${name}`;
}
