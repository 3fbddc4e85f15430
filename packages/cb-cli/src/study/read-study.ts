import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LoadedStudy, ModelOpsError, messageOf, parseStudy } from '@modelops/contracts';
import type { CbDeps } from '../deps.ts';

/** Reads a study, also in an old form. Warnings go to stderr. @throws FILE_NOT_FOUND, STUDY_INVALID */
export async function readStudy(file: string, { project, reporter }: Pick<CbDeps, 'project' | 'reporter'>): Promise<LoadedStudy> {
  const loaded = parseStudy(await readText(resolve(project.cwd, file), file), file);
  for (const warning of loaded.warnings) reporter.warn(warning);
  return loaded;
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ModelOpsError('FILE_NOT_FOUND', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
