import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { yamlValue } from '@modelops/bundle';
import { type LoadedStudy, ModelOpsError, parseStudyValue, readJson } from '@modelops/contracts';
import type { MopsDeps } from '../deps.ts';

type Files = Pick<MopsDeps, 'cwd' | 'readStdin'>;

/** Reads a study, or a job of an older version, from a JSON or YAML file, or from stdin for `-`. @throws FILE_NOT_FOUND, STUDY_INVALID */
export async function readStudy(file: string, files: Files): Promise<LoadedStudy> {
  const source = sourceOf(file);
  const text = await readText(file, files, 'cb sampling … --output study.json writes a study');
  return parseStudyValue(await readDocument(text, file, { source, code: 'STUDY_INVALID' }), source);
}

/** Reads what every simulation is configured by: an object in JSON or YAML. @throws FILE_NOT_FOUND, FILE_INVALID */
export async function readConfig(file: string, files: Files): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(file, files, 'the file of --config is an object in JSON or YAML');
  const value = await readDocument(text, file, { source: file, code: 'FILE_INVALID' });
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ModelOpsError('FILE_INVALID', `${file} holds no object`, {
    hint: 'name: value, for each thing that the model reads of its config',
  });
}

function sourceOf(file: string): string {
  return file === '-' ? 'the study on stdin' : file;
}

async function readText(file: string, { cwd, readStdin }: Files, hint: string): Promise<string> {
  if (file === '-') return readStdin();
  return readFile(resolve(cwd, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no' : cause.code === 'EISDIR' ? 'a folder is no file:' : 'cannot read';
    throw new ModelOpsError('FILE_NOT_FOUND', `${why} ${file}`, { cause, hint });
  });
}

/** YAML by its name; without a telling name by its first character, since JSON begins with a bracket and a study in YAML does not. */
async function readDocument(
  text: string,
  file: string,
  context: { readonly source: string; readonly code: 'STUDY_INVALID' | 'FILE_INVALID' },
): Promise<unknown> {
  const isJson = /\.json$/i.test(file) || (!/\.ya?ml$/i.test(file) && !/^[\s\uFEFF]*[^\s\uFEFF{["]/.test(text));
  return isJson ? readJson(text.replace(/^\uFEFF/, ''), context) : yamlValue(text, context);
}
