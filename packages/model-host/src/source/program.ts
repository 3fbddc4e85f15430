import { type ClosureFile, canonicalJson, ModelOpsError, parseSourceName, sha256Hex } from '@modelops/contracts';
import { type Pythons, pythonsFrom } from '../environment/pythons.ts';
import { type CompiledProgram, type CompileRequest, compileProgram, missingExport } from './compile-program.ts';
import { findInPython } from './python/find-python.ts';
import { type SourceKind, sourceFile } from './source-file.ts';

export interface ProgramRequest extends CompileRequest {
  /** Default: from the environment variables. */
  readonly pythons?: Pythons;
}

/** A model or target, ready to be loaded by a host. */
export interface Program {
  readonly source: string;
  readonly kind: SourceKind;
  readonly host: ProgramHost;
  /** The compiled module, or a command model's part of its file; undefined if the host loads the source file itself. */
  readonly code: Uint8Array | undefined;
  /** The source map of `code`. */
  readonly map?: Uint8Array;
  /** The project file that defines it. */
  readonly file: string;
  /** The files that it consists of, sorted by path. */
  readonly closure: readonly ClosureFile[];
  /** Changes with everything that its description may depend on. */
  readonly key: string;
}

/** Whether a program is a compiled module, which has a source map. */
export function isCompiled(program: Program): program is Program & Pick<CompiledProgram, 'code' | 'map'> {
  return program.host === 'node';
}

export type ProgramHost = 'node' | 'python' | 'command';

/** The host that runs a source file. */
export function hostOf(file: string): ProgramHost {
  if (/\.ya?ml$/.test(file)) return 'command';
  return file.endsWith('.py') ? 'python' : 'node';
}

/**
 * Reads the program of a source name: compiles TypeScript and JavaScript, follows the imports of Python, and checks command models.
 * @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND for a file or export that does not exist; MODEL_INVALID or TARGET_INVALID, with file and line, for
 * code that does not compile; PYTHON_NOT_FOUND
 */
export async function readProgram({ projectDir, source, kind = 'model', pythons }: ProgramRequest): Promise<Program> {
  const file = sourceFile(projectDir, source, kind);
  const { exportName } = parseSourceName(source);
  if (hostOf(file) === 'node') {
    const { code, map, closure } = await compileProgram({ projectDir, source, kind });
    return { source, kind, host: 'node', code, map, file, closure, key: `${sha256Hex(code)}:${exportName}` };
  }
  if (hostOf(file) === 'command') {
    if (kind === 'target') throw noTarget(file);
    const [{ encodeCommand }, { readCommand }] = await Promise.all([
      import('../command/command-file.ts'),
      import('../command/read-command.ts'),
    ]);
    const { program, closure } = await readCommand(projectDir, file, source);
    const code = encodeCommand(program);
    return { source, kind, host: 'command', code, file, closure, key: `${sha256Hex(code)}:${exportName}` };
  }
  const { cacheDir, open } = pythons ?? pythonsFrom(process.env);
  const python = await open(projectDir);
  const { models, targets, closure } = await findInPython({ python, projectDir, file, kind, cacheDir });
  const names = [...models, ...targets].map(({ name }) => name);
  if (!names.includes(exportName)) throw missingExport(source, kind === 'model' ? models.map(({ name }) => name) : names, kind);
  const content = canonicalJson({
    python: python.version,
    lock: python.lock?.digest ?? null,
    closure: closure.map(({ path, sha256 }) => [path, sha256]),
  });
  return { source, kind, host: 'python', code: undefined, file, closure, key: `${sha256Hex(content)}:${exportName}` };
}

/** The error for a command as a target. */
export function noTarget(file: string): ModelOpsError {
  return new ModelOpsError('TARGET_INVALID', `${file} is not a target: targets are written in TypeScript, JavaScript or Python`, {
    hint: 'name its file and export, e.g. targets/prevalence.ts:prevalence',
  });
}
