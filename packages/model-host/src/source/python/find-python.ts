import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClosureFile, ModelOpsError, parseJson, sha256Hex } from '@modelops/contracts';
import { modelEnvironment } from '@modelops/system';
import * as z from 'zod';
import type { Python } from '../../environment/interpreter.ts';
import { pythonEnvironment } from '../../hosts/python/python-command.ts';
import { NOUNS, type SourceKind } from '../source-file.ts';

const definitionSchema = z.object({ name: z.string(), line: z.int() });
const foundSchema = z.object({
  models: z.array(definitionSchema),
  targets: z.array(definitionSchema),
  /** Files of the project, sorted, the file itself included. */
  closure: z.array(z.string()),
  packages: z.array(z.string()),
  unresolved: z.array(z.object({ file: z.string(), line: z.int(), text: z.string() })),
});
const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    file: z.string(),
    line: z.int().nullish(),
    column: z.int().nullish(),
    text: z.string().nullish(),
  }),
});
const answerSchema = z.union([errorSchema, foundSchema]);

/** The definitions and imports of a Python file, found without running it. */
export type PythonFile = Readonly<Omit<z.output<typeof foundSchema>, 'closure'>> & { readonly closure: readonly ClosureFile[] };

/** Parses a Python file and its imports within the project. @throws MODEL_INVALID or TARGET_INVALID with file, line and caret of a syntax error */
export async function findInPython({ interpreter }: Python, projectDir: string, file: string, kind: SourceKind): Promise<PythonFile> {
  const answer = parseJson(await runFind(interpreter, projectDir, file), answerSchema, { source: file, code: NOUNS[kind].invalid });
  if ('error' in answer) throw syntaxError(answer.error, kind);
  const closure = answer.closure.map((path) => ({ path, sha256: sha256Hex(readFileSync(join(projectDir, path))) }));
  return { ...answer, closure };
}

function syntaxError({ message, file, line, column, text }: z.output<typeof errorSchema>['error'], kind: SourceKind): ModelOpsError {
  const place = [file, line, column].filter((part) => part != null).join(':');
  const shown = text?.trimEnd();
  const caret = shown === undefined || column == null ? '' : `\n  ${shown}\n  ${' '.repeat(Math.max(0, column - 1))}^`;
  return new ModelOpsError(NOUNS[kind].invalid, `${file} is not valid Python`, {
    problems: [{ path: place, message: `${message}${caret}` }],
  });
}

function runFind(interpreter: string, cwd: string, file: string): Promise<string> {
  const env = { ...modelEnvironment(process.env), ...pythonEnvironment() };
  return new Promise((resolve, reject) => {
    const args = ['-m', 'modelops._find', file, '--root', '.'];
    execFile(interpreter, args, { cwd, env, timeout: 60_000, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (stdout !== '') resolve(stdout);
      else reject(new Error(`${interpreter} ${args.join(' ')} failed: ${stderr || error?.message}`));
    });
  });
}
