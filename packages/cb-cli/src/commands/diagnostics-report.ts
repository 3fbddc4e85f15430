import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import { isReportPage } from '@modelops/contracts';
import { renderReport } from '@modelops/report';
import { isAbsent, writeFileAtomically } from '@modelops/system';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { lossTableOf } from '../diagnostics/loss-table.ts';
import { readTable } from '../tables/read-table.ts';
import { version } from '../version.ts';

export const diagnosticsReport = defineCommand({
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
  run: async ({ file, output, plots, title, force }, { project: { cwd }, files, signal, now, reporter }: CbDeps) => {
    const target = resolve(cwd, output);
    await files.check(target, { isForced: true });
    const options = { isForced: force || (await isReport(target)), signal };
    await files.check(target, options);
    const table = lossTableOf(await readTable(resolve(cwd, file)), file);
    const made = renderReport({
      title: title ?? basename(file),
      generator: `cb ${version}`,
      generatedAt: now().toISOString(),
      table,
      jobs: [],
      comparisons: [],
      bands: [],
      failures: [],
      targetFailures: [],
      notes: [],
    });
    await files.write(target, [made.html], options);
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

async function isReport(path: string): Promise<boolean> {
  try {
    return isReportPage(await readFile(path, 'utf8'));
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function writePlots(plots: ReadonlyMap<string, string>, dir: string, warn: (text: string) => void): Promise<string[]> {
  const { plotFiles } = await import('@modelops/report/png');
  const { files, problem } = plotFiles(plots);
  for (const [name, content] of files) await writeFileAtomically(resolve(dir, name), content, { sync: false });
  if (problem !== undefined) warn(problem);
  return [...files.keys()];
}
