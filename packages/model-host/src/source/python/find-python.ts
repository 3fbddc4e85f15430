import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ClosureFile, canonicalJson, ModelOpsError, parseJson, sha256Hex } from '@modelops/contracts';
import { modelEnvironment } from '@modelops/system';
import * as z from 'zod';
import { readCached, writeCached } from '../../describe/result-cache.ts';
import type { Python } from '../../environment/interpreter.ts';
import { pythonEnvironment } from '../../programs.ts';
import { NOUNS, type SourceKind } from '../source-file.ts';

const definitionSchema = z.lazy(() => z.object({ name: z.string(), line: z.int() }));
const foundSchema = z.lazy(() =>
  z.object({
    models: z.array(definitionSchema),
    targets: z.array(definitionSchema),
    /** Files of the project, sorted, the file itself included. */
    closure: z.array(z.string()),
    /** What other paths of the project are, on which the closure depends. */
    probed: z.record(z.string(), z.enum(['file', 'folder', 'absent'])),
    packages: z.array(z.string()),
    unresolved: z.array(z.object({ file: z.string(), line: z.int(), text: z.string() })),
  }),
);
/** What was found, with the bytes that it was found in. */
const knownSchema = z.lazy(() => z.object({ found: foundSchema, digests: z.array(z.string()) }));
const errorSchema = z.lazy(() =>
  z.object({
    error: z.object({
      message: z.string(),
      file: z.string(),
      line: z.int().nullish(),
      column: z.int().nullish(),
      text: z.string().nullish(),
    }),
  }),
);
const answerSchema = z.lazy(() => z.union([errorSchema, foundSchema]));

/** The definitions and imports of a Python file, found without running it. */
export type PythonFile = Readonly<Omit<z.output<typeof foundSchema>, 'closure' | 'probed'>> & { readonly closure: readonly ClosureFile[] };

export interface FindRequest {
  readonly python: Python;
  readonly projectDir: string;
  readonly file: string;
  readonly kind: SourceKind;
  readonly cacheDir: string;
}

/**
 * Parses a Python file and its imports within the project. The result is cached, and used while the files of the closure have the same bytes and
 * the other paths that the imports could mean are what they were. @throws MODEL_INVALID or TARGET_INVALID with file, line and caret of a syntax error
 */
export async function findInPython({ python, projectDir, file, kind, cacheDir }: FindRequest): Promise<PythonFile> {
  const { interpreter, version } = python;
  const key = `find:${canonicalJson([version, projectDir, file])}`;
  const held = knownSchema.safeParse(await readCached(cacheDir, key)).data;
  if (held !== undefined) {
    const closure = digestsOf(projectDir, held.found);
    if (closure?.every(({ sha256 }, at) => sha256 === held.digests[at])) return { ...held.found, closure };
  }
  const found = parseJson(await runFind(interpreter, projectDir, file), answerSchema, { source: file, code: NOUNS[kind].invalid });
  if ('error' in found) throw syntaxError(found.error, kind);
  const closure = found.closure.map((path) => ({ path, sha256: sha256Hex(readFileSync(join(projectDir, path))) }));
  await writeCached(cacheDir, key, { found, digests: closure.map(({ sha256 }) => sha256) });
  return { ...found, closure };
}

/** The closure with its current digests; undefined if a file or a path that its imports could mean has come or gone. */
function digestsOf(projectDir: string, { closure, probed }: z.output<typeof foundSchema>): ClosureFile[] | undefined {
  for (const [path, kind] of Object.entries(probed)) if (kindOf(join(projectDir, path)) !== kind) return undefined;
  try {
    return closure.map((path) => ({ path, sha256: sha256Hex(readFileSync(join(projectDir, path))) }));
  } catch {
    return undefined;
  }
}

function kindOf(path: string): 'file' | 'folder' | 'absent' {
  try {
    const found = statSync(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'absent';
  } catch {
    return 'absent'; // as for Python, also where it may not be read
  }
}

function syntaxError({ message, file, line, column, text }: z.output<typeof errorSchema>['error'], kind: SourceKind): ModelOpsError {
  const place = [file, line, column].filter((part) => part != null).join(':');
  const shown = text?.trimEnd();
  const caret = shown === undefined || column == null ? '' : `\n  ${shown}\n  ${' '.repeat(Math.max(0, column - 1))}^`;
  return new ModelOpsError(NOUNS[kind].invalid, `${file} is not valid Python`, {
    problems: [{ path: place, message: `${message}${caret}` }],
  });
}

function doesNotStart(interpreter: string, cause: Error): ModelOpsError {
  return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `${interpreter} does not start: ${cause.message}`, {
    hint: 'modelops-bundle env build --rebuild builds the environment again',
    cause,
  });
}

function runFind(interpreter: string, cwd: string, file: string): Promise<string> {
  const env = { ...modelEnvironment(process.env), ...pythonEnvironment() };
  return new Promise((resolve, reject) => {
    const args = ['-m', 'modelops._find', file, '--root', '.'];
    execFile(interpreter, args, { cwd, env, timeout: 60_000, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (stdout !== '') resolve(stdout);
      else if (typeof error?.code === 'string') reject(doesNotStart(interpreter, error));
      else reject(new Error(`${interpreter} ${args.join(' ')} failed: ${stderr || error?.message}`));
    });
  });
}
