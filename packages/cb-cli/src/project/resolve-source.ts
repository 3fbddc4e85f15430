import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { type ErrorCode, ModelOpsError, nearestName, parseSourceName } from '@modelops/contracts';
import { isFile, namesIn } from '@modelops/system';
import type { Project } from './project.ts';

/**
 * The name of a model or target in studies: its file relative to the project's root. The argument is relative to the working folder; an import path
 * (`targets.prevalence:name`) is not changed.
 * @throws IDENTITY_INVALID for a malformed name or a file outside the project, `missing` for a file that does not exist.
 */
export function resolveSource(text: string, project: Project, missing: Extract<ErrorCode, 'MODEL_NOT_FOUND' | 'TARGET_NOT_FOUND'>): string {
  const colon = text.lastIndexOf(':');
  const [typed, exportName] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon <= 0 || !(typed.includes('/') || typed.includes(sep) || isFileName(typed))) {
    parseSourceName(text);
    return text;
  }
  const path = resolve(project.cwd, typed);
  const file = relative(project.root, path).split(sep).join('/');
  if (file.startsWith('../')) {
    throw new ModelOpsError('IDENTITY_INVALID', `${typed} is outside the project ${project.root}`, {
      hint: 'move the file into the project',
    });
  }
  const name = `${file}:${exportName}`;
  parseSourceName(name);
  if (!isFile(path)) throw noFile(typed, exportName, path, project, missing);
  return name;
}

function isFileName(text: string): boolean {
  return parseSourceName(`${text}:x`).file !== undefined;
}

function noFile(typed: string, exportName: string, path: string, project: Project, code: ErrorCode): ModelOpsError {
  // Names without their folder: a long common path would make any two files similar.
  const near = nearestName(basename(path), namesIn(dirname(path)));
  const what = code === 'MODEL_NOT_FOUND' ? 'model' : 'target';
  return new ModelOpsError(code, `${what} file ${typed} not found`, {
    hint:
      near === undefined
        ? `expected a file below ${project.cwd}, a colon and an exported name: ${what}s/name.ts:Name`
        : `did you mean ${join(dirname(typed), near)}:${exportName}?`,
  });
}
