import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputTable } from '@modelops/contracts';
import { csvLines } from '@modelops/sdk/internal';
import type { Job } from '@modelops/worker';
import type { TaskDescription } from '../documents/parts.ts';
import type { ReproReport } from '../documents/runs.ts';
import { fileNameOf } from '../results/export/exported-results.ts';
import type { Outcome } from './run-here.ts';
import type { StoredOutcome } from './stored-outcome.ts';

interface Kept {
  readonly job: Job;
  readonly task: TaskDescription;
  readonly log: string;
  readonly stored: StoredOutcome;
  readonly outcome: Outcome;
}

/** Writes a task (`task.json`), the output of the model (`output.log`), and both results as CSV into a folder with the `scratch` folder of a command. */
export async function keepFiles(folder: string, { job, task, log, stored, outcome }: Kept): Promise<NonNullable<ReproReport['kept']>> {
  const { study, binding } = job.spec;
  const described = {
    ...task,
    job: job.id,
    bundle_ref: binding.bundle_ref,
    model: study.model,
    scenario: study.scenario,
    config: binding.config,
  };
  const texts: Record<string, string> = { 'task.json': `${JSON.stringify(described, null, 2)}\n`, 'output.log': log };
  if (outcome.error !== null) texts['computed/error.json'] = `${JSON.stringify(outcome.error, null, 2)}\n`;
  if (stored.state === 'failed') texts['stored/error.json'] = `${JSON.stringify(stored.error, null, 2)}\n`;
  Object.assign(texts, tablesAsCsv('computed', outcome.outputs), stored.state === 'ok' ? tablesAsCsv('stored', stored.outputs) : {});
  for (const side of ['computed', 'stored']) await mkdir(join(folder, side));
  for (const [path, text] of Object.entries(texts)) await writeFile(join(folder, path), text);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return { folder, files: files.sort() };
}

function tablesAsCsv(side: string, outputs: Readonly<Record<string, OutputTable>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { columns }]) => [`${side}/${fileNameOf(name)}.csv`, [...csvLines(columns)].join('')]),
  );
}
