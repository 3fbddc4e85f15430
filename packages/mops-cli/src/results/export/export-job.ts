import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { removeOnExit } from '@modelops/system';
import type { Job, Stores } from '@modelops/worker';
import type { ExportCounts, ExportReport } from '../../documents/results.ts';
import { exportReadme, README } from './export-readme.ts';
import type { ExportOptions, Layout } from './exported-results.ts';
import { writeKeptTables, writeLosses } from './write-target-tables.ts';

export interface ExportRequest extends Omit<ExportOptions, 'dir'> {
  readonly layout: Layout;
  /** An absolute path. */
  readonly output: string;
  /** Replaces an earlier export. */
  readonly force: boolean;
}

/** Marks the root of an export: only a folder with it may be replaced by `--force`. */
const MARKER = '.modelops-export.json';

/**
 * Writes the results of a job to a folder: to a temporary folder first, then renamed, so that the export is complete or absent, also when the process is interrupted.
 * @throws CONFLICT if the folder exists (with `force`: if it is not an export); RESULT_NOT_FOUND if the job has no result to write
 */
export async function exportJob(
  { job, layout, output: dir, force, signal, onProgress }: ExportRequest,
  stores: Stores,
): Promise<ExportReport> {
  await refuseExisting(dir, force);
  const temporary = `${dir}.partial-${process.pid}`;
  const keepOnExit = removeOnExit(temporary);
  try {
    await mkdir(dirname(dir), { recursive: true });
    await mkdir(temporary);
    const counts = await writeLayout(layout, { job, dir: temporary, signal, onProgress }, stores);
    if (counts.results === 0) throw nothingToExport(job, counts);
    const losses = await writeLosses(job, layout, temporary, stores);
    const kept = await writeKeptTables(job, layout, temporary, stores);
    await writeFile(join(temporary, README), exportReadme({ job, layout, losses, kept, results: counts.results }));
    await writeFile(join(temporary, MARKER), `${JSON.stringify({ schema_version: 1, job: job.id, layout, losses })}\n`);
    await replaceFolder(dir, temporary);
    return { job: job.id, layout, output: dir, losses, kept, ...counts };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // the first error is the one to report
    throw translated(error, dir);
  } finally {
    keepOnExit();
  }
}

async function writeLayout(layout: Layout, options: ExportOptions, stores: Stores): Promise<ExportCounts> {
  if (layout === 'tree') return (await import('./write-tree.ts')).writeTree(options, stores);
  const { writeColumnFiles, writeCsvFiles } = await import('./write-tables.ts');
  return layout === 'csv' ? writeCsvFiles(options, stores) : writeColumnFiles(layout, options, stores);
}

async function refuseExisting(dir: string, force: boolean): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found === undefined) return;
  if (!force)
    throw new ModelOpsError('CONFLICT', `${dir} already exists`, {
      hint: 'choose another folder, or replace an earlier export with --force',
    });
  const names = found.isDirectory() ? await readdir(dir) : undefined;
  if (names === undefined || (names.length > 0 && !names.includes(MARKER))) {
    throw new ModelOpsError('CONFLICT', `${dir} is not an earlier export, so --force does not replace it`, {
      hint: 'choose another folder',
    });
  }
}

async function replaceFolder(dir: string, temporary: string): Promise<void> {
  const old = `${dir}.old-${process.pid}`;
  const hasOld = (await stat(dir).catch(() => undefined)) !== undefined;
  if (hasOld) await rename(dir, old);
  try {
    await rename(temporary, dir);
  } catch (error) {
    if (hasOld) await rename(old, dir);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

function nothingToExport({ id }: Job, { evicted }: ExportCounts): ModelOpsError {
  return evicted > 0
    ? new ModelOpsError('RESULT_NOT_FOUND', `mops store gc deleted the outputs of all results of ${id}`, {
        hint: `its losses remain: mops results losses ${id}`,
      })
    : new ModelOpsError('RESULT_NOT_FOUND', `${id} has no results yet`, { hint: `mops jobs status ${id}` });
}

function translated(error: unknown, dir: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof ModelOpsError || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return error;
  return new ModelOpsError('STORE_UNWRITABLE', `cannot write ${dir}: ${(error as Error).message}`, {
    cause: error,
    hint: 'check the permissions and free space',
  });
}
