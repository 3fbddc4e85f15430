import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { isReportPage, type Report } from '@modelops/report';
import { codeOf, isAbsent, writeFileAtomically } from '@modelops/system';

/** Refuses a file that is there and is not a report, before any work is done. @throws CONFLICT */
export async function checkReportFile(path: string, isForced: boolean): Promise<void> {
  if (isForced) return;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return;
    if (codeOf(error) === 'EISDIR')
      throw new ModelOpsError('CONFLICT', `${path} is a folder, not a file`, { hint: `--output ${join(path, 'report.html')}` });
    throw error;
  }
  if (!isReportPage(text))
    throw new ModelOpsError('CONFLICT', `${path} exists and is not a report`, { hint: 'choose another --output, or add --force' });
}

/** Writes the page in one step: an open browser loads the old page or the new one. @throws STORE_UNWRITABLE */
export async function writePage({ html }: Report, path: string): Promise<void> {
  await guarded(path, () => writeFileAtomically(path, html, { sync: false }));
}

/** Writes each plot as an SVG file into a folder. @throws STORE_UNWRITABLE */
export async function writePlots({ plots }: Report, dir: string): Promise<void> {
  for (const [name, svg] of plots) await guarded(dir, () => writeFileAtomically(join(dir, name), svg, { sync: false }));
}

async function guarded(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    throw new ModelOpsError('STORE_UNWRITABLE', `cannot write ${path} (${code})`, {
      cause,
      hint: `check that ${dirname(path)} is a folder that you may write to`,
    });
  }
}
