import { dirname, join } from 'node:path';
import { formatNames, ModelOpsError, type Problem } from '@modelops/contracts';
import { namesIn } from '@modelops/system';
import * as z from 'zod';
import type { Python } from '../environment/interpreter.ts';
import { HOST_ARGS, pythonEnvironment } from '../programs.ts';
import { NOUNS, type SourceKind } from '../source/source-file.ts';
import { askHost } from './ask-host.ts';

/** Scientific packages take up to ten seconds of processor time to import. */
const LOAD_TIMEOUT_MS = 180_000;

const describedSchema = z.lazy(() =>
  z.object({
    exports: z.array(z.object({ name: z.string(), kind: z.enum(['modelops.model', 'modelops.target']), description: z.unknown() })),
  }),
);
const allowedSchema = z.lazy(() => z.object({ allowed: z.string() }));
const triedSchema = z.lazy(() => z.object({ opened: z.array(z.string()) }));
const errorSchema = z.lazy(() =>
  z.object({
    type: z.string(),
    message: z.string(),
    traceback: z.string().optional(),
    stderr_tail: z.string().optional(),
    hint: z.string().optional(),
    problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    /** The module that is missing. */
    module: z.string().optional(),
  }),
);
export type PythonFailure = z.output<typeof errorSchema>;
export type PythonExport = z.output<typeof describedSchema>['exports'][number];

export interface PythonFileRequest {
  readonly python: Python;
  readonly projectDir: string;
  readonly file: string;
  readonly timeoutMs?: number;
}

/** Imports a Python file and describes its models and targets. @throws MODEL_INVALID or TARGET_INVALID with the cause */
export async function describePythonFile(request: PythonFileRequest, kind: SourceKind): Promise<PythonExport[]> {
  const answer = await requestFromHost(request, { type: 'describe', program: request.file });
  if ('failure' in answer) throw loadError(request, answer.failure, kind);
  return describedSchema.parse(answer).exports;
}

/** `1` or `0` for each parameter set in a file, see `DescribeRequest`. @throws MODEL_INVALID if the constraint raises */
export async function checkPythonConstraint(request: PythonFileRequest, exportName: string, sets: string): Promise<string> {
  const answer = await requestFromHost(request, { type: 'allows', program: request.file, exportName, sets });
  if ('failure' in answer) throw loadError(request, answer.failure, 'model', 'cannot check its constraint');
  return allowedSchema.parse(answer).allowed;
}

/** Runs one simulation of a Python model; returns the absolute paths of the files that it opened, or the failure. */
export async function tryPythonModel(
  request: PythonFileRequest,
  exportName: string,
): Promise<{ readonly opened: readonly string[]; readonly failure?: PythonFailure }> {
  const answer = await requestFromHost(request, { type: 'trial', program: request.file, exportName });
  return 'failure' in answer ? { opened: [], failure: answer.failure } : triedSchema.parse(answer);
}

async function requestFromHost(
  { python, projectDir, timeoutMs = LOAD_TIMEOUT_MS }: PythonFileRequest,
  header: { readonly type: string; readonly [key: string]: unknown },
): Promise<object | { readonly failure: PythonFailure }> {
  const options = { command: python.interpreter, args: HOST_ARGS, cwd: projectDir, env: pythonEnvironment() };
  const { answer, lost } = await askHost(options, header, timeoutMs);
  if (lost !== undefined) return { failure: lost };
  return answer!.type === 'load_failed' ? { failure: errorSchema.parse(answer!.error) } : answer!;
}

function loadError({ file, python }: PythonFileRequest, failure: PythonFailure, kind: SourceKind, what = 'does not load'): ModelOpsError {
  const { type, message, module, problems = [], traceback = '', stderr_tail: stderr = '' } = failure;
  const hint = failure.hint ?? (module === undefined ? undefined : missingModuleHint(module, python));
  const hasPlace = traceback.includes('\n  File ') && type !== 'SyntaxError' && problems.length === 0;
  const cause = type === 'ModelError' ? message : `${type}: ${message}`;
  return new ModelOpsError(NOUNS[kind].invalid, `${file} ${what}: ${cause}${hasPlace ? `\n${traceback}` : ''}`, {
    hint,
    problems: problems as Problem[],
    details: { stderr, stack: traceback },
  });
}

const SHOWN_PACKAGES = 12;

function missingModuleHint(module: string, { lock, interpreter, version }: Python): string {
  if (lock === undefined)
    return `${interpreter} has no package ${module}: list it in a lock, e.g. uv.lock (uv add ${module}), or in requirements.txt`;
  if (lock.isActive === true) return `install it into the active interpreter: ${interpreter} -m pip install ${module}`;
  const names = installedIn(interpreter, version);
  const has = formatNames(names, SHOWN_PACKAGES) || 'none';
  return `${lock.file} has no package with the module ${module}: add it and lock again; its packages: ${has}`;
}

/** The packages of an environment, by name and version; none if it has another layout, as on Windows. */
function installedIn(interpreter: string, version: string): string[] {
  const entries = namesIn(join(dirname(interpreter), '..', 'lib', `python${version}`, 'site-packages'));
  return entries.flatMap((entry) => /^(.+)-([^-]+)\.dist-info$/.exec(entry)?.slice(1).join(' ') ?? []).sort();
}
