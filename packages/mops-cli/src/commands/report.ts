import { resolve } from 'node:path';
import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { version } from '../version.ts';
import { jobsInput } from './options.ts';

export const command = defineCommand({
  examples: [
    'mops report job-5b718dc8',
    'mops report job-5b718dc8 job-77aa0123 -o sweeps.html',
    'mops report job-5b718dc8 --plots figures',
  ],
  ...jobsInput({
    output: z.string().min(1).default('report.html').describe('HTML file to write').meta({ short: 'o', placeholder: 'FILE' }),
    plots: z.string().min(1).optional().describe('Also write each plot as SVG and PNG into this folder').meta({ placeholder: 'DIR' }),
    title: z.string().min(1).optional().describe('Title of the page (default: model and job)'),
    force: z.boolean().default(false).describe('Replace the --output file even if it is not a report'),
  }),
  schema: 'modelops.report/v1',
  document: async () => (await import('../documents/runs.ts')).report,
  run: async (input, deps: MopsDeps) => {
    const [{ renderReport }, { collectReport }, { checkReportFile, writePage, writePlots }] = await Promise.all([
      import('@modelops/report'),
      import('../report/collect-report.ts'),
      import('../report/write-report.ts'),
    ]);
    const file = resolve(deps.cwd, input.output);
    await checkReportFile(file, input.force);
    const opened = await deps.open(input.env);
    const { ids } = await selectJobs(input, opened.stores);
    const data = await collectReport(ids, { title: input.title, version }, opened);
    const made = renderReport(data);
    await writePage(made, file);
    const dir = input.plots === undefined ? undefined : resolve(deps.cwd, input.plots);
    const written = dir === undefined ? undefined : await writePlots(made, dir);
    return {
      jobs: ids,
      output: file,
      bytes: Buffer.byteLength(made.html),
      plots: dir === undefined ? null : { dir, files: written!.files },
      parameter_sets: data.table.paramIds.length,
      targets: data.table.targets.map(({ name }) => name),
      notes: [...data.notes, ...(written?.notes ?? [])],
    };
  },
  notes: ({ notes }) => notes.join('\n'),
  human: ({ output, bytes, parameter_sets, plots }) =>
    [
      `${output}: ${formatCount(parameter_sets, 'parameter set')}, ${formatBytes(bytes)}`,
      plots === null ? '' : `${plots.dir}: ${formatCount(plots.files.length, 'file')}`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
});
