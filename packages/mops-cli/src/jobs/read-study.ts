import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatBytes } from '@modelops/cli-kit';
import { checkDocument, checkUniqueKeys, type LoadedStudy, ModelOpsError, parseStudyValue, readJson } from '@modelops/contracts';
import { yamlValue } from '@modelops/model-host';
import type { MopsDeps } from '../deps.ts';
import { MAX_INPUT_BYTES } from '../read-input.ts';

type Files = Pick<MopsDeps, 'cwd' | 'readStdin'>;

/** Reads a study, or a job of an older version, from a JSON or YAML file, or from stdin for `-`. @throws FILE_NOT_FOUND, STUDY_INVALID */
export async function readStudy(file: string, files: Files): Promise<LoadedStudy> {
  const source = sourceOf(file);
  const text = await readText(file, files, 'create a study: cb sampling … --output study.json');
  return parseStudyValue(await readDocument(text, file, { source, code: 'STUDY_INVALID' }), source);
}

/** Reads the configuration of a job's simulations: an object in JSON or YAML. @throws FILE_NOT_FOUND, FILE_INVALID */
export async function readConfig(file: string, files: Files): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(file, files, '--config takes a file with one object in JSON or YAML');
  const value = await readDocument(text, file, { source: file, code: 'FILE_INVALID' });
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ModelOpsError('FILE_INVALID', `${file} does not contain an object`, {
    hint: 'write an object with one entry for each setting that the model reads',
  });
}

/** The name of a study file in messages. */
export function sourceOf(file: string): string {
  return file === '-' ? 'the study on stdin' : file;
}

async function readText(file: string, { cwd, readStdin }: Files, hint: string): Promise<string> {
  if (file === '-') return readStdin();
  const path = resolve(cwd, file);
  const refuse = (cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'not found' : cause.code === 'EISDIR' ? 'is a folder, not a file' : 'cannot be read';
    throw new ModelOpsError('FILE_NOT_FOUND', `${file} ${why}`, { cause, hint });
  };
  const { size } = await stat(path).catch(refuse);
  if (size > MAX_INPUT_BYTES) throw new ModelOpsError('FILE_INVALID', `${file} is larger than ${formatBytes(MAX_INPUT_BYTES)}`, { hint });
  return readFile(path, 'utf8').catch(refuse);
}

/** YAML or JSON by the file's extension, otherwise by the first character: JSON begins with a bracket, a study in YAML does not. */
async function readDocument(
  text: string,
  file: string,
  context: { readonly source: string; readonly code: 'STUDY_INVALID' | 'FILE_INVALID' },
): Promise<unknown> {
  const isJson = /\.json$/i.test(file) || (!/\.ya?ml$/i.test(file) && !/^[\s\uFEFF]*[^\s\uFEFF{["]/.test(text));
  const value = isJson ? readJson(text.replace(/^\uFEFF/, ''), context) : await yamlValue(text, context);
  checkDocument(value, context);
  if (isJson) checkUniqueKeys(text, context);
  return value;
}
