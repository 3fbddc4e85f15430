import { resolve } from 'node:path';
import { type LoadedStudy, parseStudy } from '@modelops/contracts';
import type { CbDeps } from '../deps.ts';
import { readInput } from '../tables/read-input.ts';

/** Reads a study, also in an old form. Warnings go to stderr. @throws FILE_NOT_FOUND, STUDY_INVALID */
export async function readStudy(file: string, { project, reporter }: Pick<CbDeps, 'project' | 'reporter'>): Promise<LoadedStudy> {
  const loaded = parseStudy((await readInput(resolve(project.cwd, file), file)).toString('utf8'), file);
  for (const warning of loaded.warnings) reporter.warn(warning);
  return loaded;
}
