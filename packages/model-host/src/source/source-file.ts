import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ModelOpsError, nearestName, parseSourceName } from '@modelops/contracts';
import { isFile, namesIn } from '@modelops/system';

export type SourceKind = 'model' | 'target';

/** The error codes of each kind. */
export const NOUNS = {
  model: { notFound: 'MODEL_NOT_FOUND', invalid: 'MODEL_INVALID' },
  target: { notFound: 'TARGET_NOT_FOUND', invalid: 'TARGET_INVALID' },
} as const;

/** Suffix of the source map of a compiled program. */
export const SOURCE_MAP = '.map';

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'py', 'yaml', 'yml'];

/** The project file of a source name, relative to the project. @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND with the nearest file */
export function sourceFile(projectDir: string, source: string, kind: SourceKind): string {
  const { file, importPath, exportName } = parseSourceName(source);
  const candidates = file === undefined ? EXTENSIONS.map((extension) => `${importPath.replaceAll('.', '/')}.${extension}`) : [file];
  const found = candidates.find((candidate) => isFile(join(projectDir, candidate)));
  if (found !== undefined) return found;
  const folder = dirname(candidates[0]!);
  // Names without their folder: a long common path would make any two files similar.
  const near = nearestName(basename(candidates[0]!), namesIn(join(projectDir, folder)));
  throw new ModelOpsError(NOUNS[kind].notFound, `file ${candidates[0]} not found in ${projectDir}`, {
    hint:
      near === undefined
        ? 'give the path of the file relative to the project folder'
        : `did you mean ${folder === '.' ? '' : `${folder}/`}${near}:${exportName}?`,
  });
}

/**
 * The source name in studies and bundles, `models/seir.ts:EXPORT`, of one typed in `cwd`: a path relative to it or to the project, or an
 * import path. @throws IDENTITY_INVALID for a file outside the project, MODEL_NOT_FOUND or TARGET_NOT_FOUND
 */
export function resolveSource(projectDir: string, cwd: string, typed: string, kind: SourceKind): string {
  const colon = typed.lastIndexOf(':');
  const [path, exportName] = [typed.slice(0, colon), typed.slice(colon + 1)];
  const here = resolve(cwd, path);
  if (colon > 0 && isFile(here)) {
    const inside = relative(projectDir, here).split(sep).join('/');
    if (!inside.startsWith('../') && !isAbsolute(inside)) return `${inside}:${exportName}`;
    throw new ModelOpsError('IDENTITY_INVALID', `${path} is outside the project ${projectDir}`, { hint: 'move the file into the project' });
  }
  return `${sourceFile(projectDir, typed, kind)}:${exportName}`;
}
