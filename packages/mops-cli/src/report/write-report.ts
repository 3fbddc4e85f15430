import { readFile } from 'node:fs/promises';
import { isReportPage, ModelOpsError } from '@modelops/contracts';
import type { Report } from '@modelops/report';
import { checkOutputFile, writeOutputFile, writeOutputFiles } from '@modelops/system';

/** Refuses a file that exists and is not a report, before any work is done. @throws as `checkOutputFile` does */
export async function checkReportFile(path: string, isForced: boolean): Promise<void> {
  const existing = await checkOutputFile(path, { isForced: true });
  if (existing !== undefined && !isForced && !isReportPage(await readFile(path, 'utf8')))
    throw new ModelOpsError('CONFLICT', `${path} exists and is not a report`, { hint: 'choose another file, or add --force' });
}

/** Writes the page in one step: an open browser loads the old page or the new one. @throws as `writeOutputFile` does */
export async function writePage({ html }: Report, path: string): Promise<void> {
  await writeOutputFile(path, html, { isForced: true });
}

/** Writes each plot as SVG and PNG into a folder. @throws STORE_UNWRITABLE */
export async function writePlots({ plots }: Report, dir: string): Promise<{ readonly files: string[]; readonly notes: string[] }> {
  const { plotFiles } = await import('@modelops/report/png');
  const { files, problem } = plotFiles(plots);
  await writeOutputFiles(dir, files);
  return { files: [...files.keys()], notes: problem === undefined ? [] : [problem] };
}
