import {
  type ModelDescription,
  ModelOpsError,
  modelDescriptionSchema,
  type Problem,
  parseSourceName,
  parseValue,
  type TargetDescription,
  targetDescriptionSchema,
} from '@modelops/contracts';
import { hintOfUndeclared } from '../hosts/node/undeclared-file.ts';
import { atOwnFrame } from '../hosts/own-frame.ts';
import { compileFile, missingExport } from '../source/compile-program.ts';
import { NOUNS, type SourceKind } from '../source/source-file.ts';
import { decodeAllowed, encodeSets, type SetsOfParameters } from './parameter-sets.ts';
import { type CompiledCode, DESCRIBE_TIMEOUT_MS, runDescribeHost } from './run-host.ts';

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

/** The description of a compiled model. @throws MODEL_NOT_FOUND for the export, MODEL_INVALID if it does not load or is not a model */
export async function describeCompiledModel(source: string, code: CompiledCode, options?: DescribeOptions): Promise<ModelDescription> {
  return parseValue(await describe(source, code, 'model', options), modelDescriptionSchema, { source, code: 'MODEL_INVALID' });
}

/** The description of a compiled target. @throws TARGET_NOT_FOUND for the export, TARGET_INVALID if it does not load or is not a target */
export async function describeCompiledTarget(source: string, code: CompiledCode, options?: DescribeOptions): Promise<TargetDescription> {
  return parseValue(await describe(source, code, 'target', options), targetDescriptionSchema, { source, code: 'TARGET_INVALID' });
}

/** 1 for each set that the constraint of a compiled model allows. @throws MODEL_INVALID if the constraint throws */
export async function checkCompiledConstraint(
  program: { readonly source: string } & CompiledCode,
  parameterSets: SetsOfParameters,
  projectDir: string,
): Promise<Uint8Array> {
  const { source } = program;
  const { text: sets, count } = encodeSets(parameterSets);
  const { allowed = '' } = await load(source, program, parseSourceName(source).exportName, 'model', { projectDir, sets });
  return decodeAllowed(allowed, count, source);
}

/** The models or targets of a TypeScript or JavaScript file, as `file:EXPORT`. @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND if it has none */
export async function exportedByCompiled(projectDir: string, file: string, kind: SourceKind): Promise<string[]> {
  const code = await compileFile(projectDir, file, kind);
  const { exported = [] } = await load(file, code, '', kind, { projectDir });
  const found = exported.filter((one) => one.kind === `modelops.${kind}`);
  if (found.length === 0) throw new ModelOpsError(NOUNS[kind].notFound, `${file} exports no ${kind}`, { hint: HINTS[kind] });
  return found.map(({ name }) => `${file}:${name}`);
}

const HINTS = { model: 'export the result of defineModel(…)', target: 'export the result of defineTarget(…)' };

async function describe(source: string, code: CompiledCode, kind: SourceKind, options?: DescribeOptions): Promise<unknown> {
  const answer = await load(source, code, parseSourceName(source).exportName, kind, options);
  if (answer.exported !== undefined)
    throw missingExport(
      source,
      answer.exported.map(({ name }) => name),
      kind,
    );
  if (answer.kind === `modelops.${kind}`) return answer.description;
  if (answer.kind === 'modelops.model' || answer.kind === 'modelops.target') throw wrongKind(source, kind);
  throw new ModelOpsError(NOUNS[kind].invalid, `${source} is ${answer.kind}, not a ${kind}`, { hint: HINTS[kind] });
}

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
  exportName: string,
  kind: SourceKind,
  options: DescribeOptions & { readonly sets?: string } = {},
): Promise<Answer> {
  const { timeoutMs = DESCRIBE_TIMEOUT_MS, projectDir, data, sets } = options;
  const cwd = kind === 'model' ? projectDir : undefined;
  const { answer: text, stderr, isTimeout } = await runDescribeHost(code, { exportName, timeoutMs, cwd, data, sets });
  const answer = parseAnswer(text);
  const invalid = (what: string, about: { hint?: string; problems?: readonly Problem[]; stack?: string } = {}) => {
    const { stack = '', ...rest } = about;
    return new ModelOpsError(NOUNS[kind].invalid, `${source} ${what}${lastLines(stderr)}`, { ...rest, details: { stderr, stack } });
  };
  if (answer === undefined && isTimeout)
    throw invalid(`did not load within ${timeoutMs / 1000} s`, { hint: 'move work from the module into simulate' });
  if (answer === undefined) throw invalid('exited before it could be described');
  if (answer.error === undefined) return answer;
  const { name, message, missing, problems = [], stack = '' } = answer.error;
  const hint = answer.error.hint ?? (missing === undefined || data === undefined ? undefined : hintOfUndeclared(missing, source));
  const what = sets === undefined ? 'does not load' : 'cannot check its constraint';
  throw invalid(`${what}: ${name}: ${message}${atOwnFrame(stack)}`, {
    ...(hint === undefined ? {} : { hint }),
    problems,
    stack,
  });
}

function parseAnswer(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined; // killed before or while it wrote
  }
}

function lastLines(stderr: string): string {
  const lines = stderr.trimEnd().split('\n').slice(-5).join('\n');
  return lines === '' ? '' : `; it printed:\n${lines}`;
}
