import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LoadedStudy, ModelOpsError, parseStudy, parseStudyValue } from '@modelops/contracts';
import type { MopsDeps } from '../deps.ts';

/** Reads a study from a JSON or YAML file, or from stdin for `-`. @throws FILE_NOT_FOUND, STUDY_INVALID */
export async function readStudy(file: string, { cwd, readStdin }: Pick<MopsDeps, 'cwd' | 'readStdin'>): Promise<LoadedStudy> {
  if (file === '-') return parseStudy(await readStdin(), 'the study on stdin');
  const text = await readFile(resolve(cwd, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no' : cause.code === 'EISDIR' ? 'a folder is no study:' : 'cannot read';
    throw new ModelOpsError('FILE_NOT_FOUND', `${why} ${file}`, { cause, hint: 'cb sampling … --output study.json writes a study' });
  });
  if (!/\.ya?ml$/.test(file)) return parseStudy(text, file);
  const { parse } = await import('yaml');
  try {
    return parseStudyValue(parse(text), file);
  } catch (cause) {
    if (cause instanceof ModelOpsError) throw cause;
    throw new ModelOpsError('STUDY_INVALID', `${file} is not valid YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
}
