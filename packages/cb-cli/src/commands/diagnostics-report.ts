import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import { isReportPage } from '@modelops/contracts';
import { renderReport } from '@modelops/report';
import { checkOutputFile, writeOutputFile, writeOutputFiles } from '@modelops/system';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { lossTableOf } from '../diagnostics/loss-table.ts';
import { readTable } from '../tables/read-table.ts';
import { version } from '../version.ts';

export const command = defineCommand({
  examples: ['cb diagnostics report losses.parquet', 'cb diagnostics report trials.csv -o trials.html --plots figures'],
  args: z.object({
    file: z
      .string()
      .describe('Parquet, CSV or JSON file with columns param_<name> and loss, and target if there are several')
      .meta({ placeholder: 'FILE' }),
  }),
  options: z.object({
    output: z.string().min(1).default('report.html').describe('File to write the page to').meta({ short: 'o', placeholder: 'FILE' }),
    plots: z.string().min(1).optional().describe('Also write each plot as SVG and PNG into this folder').meta({ placeholder: 'DIR' }),
    title: z.string().min(1).optional().describe('Title of the page (default: the file name)'),
    force: z.boolean().default(false).describe('Overwrite --output even if it is not a report'),
  }),
  schema: 'modelops.cb.diagnostics.report/v1',
  document: async () => (await import('../documents.ts')).diagnosticsReport,
  run: async ({ file, output, plots, title, force }, { project: { cwd }, signal, now, reporter }: CbDeps) => {
    const target = resolve(cwd, output);
    const existing = await checkOutputFile(target, { isForced: true });
    const isReport = existing !== undefined && isReportPage(await readFile(existing, 'utf8'));
    const options = { isForced: force || isReport, signal };
    await checkOutputFile(target, options);
    const table = lossTableOf(await readTable(resolve(cwd, file)), file);
    const made = renderReport({
      title: title ?? basename(file),
      generator: `cb ${version}`,
      generatedAt: now().toISOString(),
      table,
      targetSets: [],
      jobs: [],
      comparisons: [],
      bands: [],
      failures: [],
      targetFailures: [],
      notes: [],
    });
    await writeOutputFile(target, [made.html], options);
    const dir = plots === undefined ? undefined : resolve(cwd, plots);
    const written = dir === undefined ? [] : await writePlots(made.plots, dir, reporter.warn);
    return {
      output: target,
      bytes: Buffer.byteLength(made.html),
      plots: dir === undefined ? null : { dir, files: written },
      parameter_sets: table.paramIds.length,
      targets: table.targets.map(({ name }) => name),
    };
  },
  human: ({ output, bytes, parameter_sets, plots }) =>
    [
      `${output}: ${formatCount(parameter_sets, 'parameter set')}, ${formatBytes(bytes)}`,
      plots === null ? '' : `${plots.dir}: ${formatCount(plots.files.length, 'file')}`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
});

async function writePlots(plots: ReadonlyMap<string, string>, dir: string, warn: (text: string) => void): Promise<string[]> {
  const { plotFiles } = await import('@modelops/report/png');
  const { files, problem } = plotFiles(plots);
  await writeOutputFiles(dir, files);
  if (problem !== undefined) warn(problem);
  return [...files.keys()];
}
