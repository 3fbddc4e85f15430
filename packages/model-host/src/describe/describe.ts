import { ModelOpsError, type Problem, parseSourceName } from '@modelops/contracts';
import { hintOfUndeclared } from '../hosts/node/undeclared-file.ts';
import { atOwnFrame } from '../hosts/own-frame.ts';
import { compileFile, missingExport } from '../source/compile-program.ts';
import type { Program } from '../source/program.ts';
import { NOUNS, type SourceKind } from '../source/source-file.ts';
import { type CompiledCode, DESCRIBE_TIMEOUT_MS, type DescribeRequest, runDescribeHost } from './run-host.ts';

/** A model or target of a compiled program. */
type CompiledExport = Pick<Program, 'source' | 'kind'> & CompiledCode;

interface Answer {
  readonly kind?: string;
  readonly description?: unknown;
  readonly allowed?: string;
  readonly exported?: readonly { readonly name: string; readonly kind: string }[];
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly stack?: string;
    readonly hint?: string;
    /** The file of its folder that it did not find. */
    readonly missing?: string;
    readonly problems?: readonly Problem[];
  };
}

export interface DescribeOptions {
  /** How long the module may take to load. Default: 30 s. */
  readonly timeoutMs?: number;
  /** The project of a model, whose files it may read when it loads. Default: an empty folder. */
  readonly projectDir?: string;
  /** The only files of the project that the model may read, as in a job. Default: all. */
  readonly data?: readonly string[] | undefined;
}

/** The description of a compiled model or target. @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND, MODEL_INVALID or TARGET_INVALID */
export async function describeCompiled(program: CompiledExport, options?: DescribeOptions): Promise<unknown> {
  const { source, kind } = program;
  const { exportName } = parseSourceName(source);
  const answer = await load(source, program, { type: 'describe', exportName }, kind, options);
  const { exported } = answer;
  if (exported !== undefined) {
    const names = exported.map(({ name }) => name);
    throw missingExport(source, names, kind);
  }
  if (answer.kind === `modelops.${kind}`) return answer.description;
  if (answer.kind === 'modelops.model' || answer.kind === 'modelops.target') throw wrongKind(source, kind);
  throw new ModelOpsError(NOUNS[kind].invalid, `${source} is ${answer.kind}, not a ${kind}`, { hint: EXPORT_HINTS[kind] });
}

/** `1` or `0` for each set of a file, see `DescribeRequest`. @throws MODEL_INVALID if the constraint throws */
export async function checkCompiledConstraint(program: CompiledExport, sets: string, projectDir: string): Promise<string> {
  const { source } = program;
  const { exportName } = parseSourceName(source);
  return (await load(source, program, { type: 'allows', exportName, sets }, 'model', { projectDir })).allowed ?? '';
}

/** The names of the models or targets that a TypeScript or JavaScript file exports. */
export async function exportedByCompiled(projectDir: string, file: string, kind: SourceKind): Promise<string[]> {
  const code = await compileFile(projectDir, file, kind);
  const { exported = [] } = await load(file, code, { type: 'describe', exportName: '' }, kind, { projectDir });
  return exported.flatMap((one) => (one.kind === `modelops.${kind}` ? [one.name] : []));
}

export const EXPORT_HINTS = { model: 'export the result of defineModel(…)', target: 'export the result of defineTarget(…)' };

/** The error for a model where a target is expected, or a target where a model is. */
export function wrongKind(source: string, kind: SourceKind): ModelOpsError {
  const other = kind === 'model' ? 'target' : 'model';
  return new ModelOpsError(NOUNS[kind].invalid, `${source} is a ${other}, not a ${kind}`, {
    hint: `modelops-bundle register-${other} ${source}`,
  });
}

async function load(
  source: string,
  code: CompiledCode,
  request: DescribeRequest,
  kind: SourceKind,
  { timeoutMs = DESCRIBE_TIMEOUT_MS, projectDir, data }: DescribeOptions = {},
): Promise<Answer> {
  const folder = { cwd: kind === 'model' ? projectDir : undefined, data };
  const { answer, lost, stderr } = await runDescribeHost(code, request, folder, timeoutMs);
  const invalid = (what: string, about: { hint?: string | undefined; problems?: readonly Problem[]; stack?: string } = {}) => {
    const { stack = '', ...rest } = about;
    return new ModelOpsError(NOUNS[kind].invalid, `${source} ${what}${lastLines(stderr)}`, { ...rest, details: { stderr, stack } });
  };
  if (lost?.kind === 'timeout')
    throw invalid(`did not load within ${timeoutMs / 1000} s`, { hint: 'move work from the module into simulate' });
  if (lost !== undefined) throw invalid('exited before it could be described');
  const { error } = answer as Answer;
  if (error === undefined) return answer as Answer;
  const { name, message, missing, problems = [], stack = '' } = error;
  const hint = error.hint ?? (missing === undefined || data === undefined ? undefined : hintOfUndeclared(missing, source));
  const what = request.type === 'allows' ? 'cannot check its constraint' : 'does not load';
  throw invalid(`${what}: ${name}: ${message}${atOwnFrame(stack)}`, { hint, problems, stack });
}

function lastLines(stderr: string): string {
  const lines = stderr.trimEnd().split('\n').slice(-5).join('\n');
  return lines === '' ? '' : `; it printed:\n${lines}`;
}
