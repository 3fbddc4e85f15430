import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ModelDescription,
  ModelOpsError,
  modelDescriptionSchema,
  type ParamValue,
  parseSourceName,
  parseValue,
  type TargetDescription,
  targetDescriptionSchema,
} from '@modelops/contracts';
import { withTemporaryFolder } from '@modelops/system';
import { type Pythons, pythonsFrom } from '../environment/pythons.ts';
import { missingExport } from '../source/compile-program.ts';
import { hostOf, isCompiled, noTarget, type Program, type ProgramRequest, readProgram } from '../source/program.ts';
import { findInPython } from '../source/python/find-python.ts';
import { NOUNS, type SourceKind } from '../source/source-file.ts';
import {
  checkCompiledConstraint,
  type DescribeOptions,
  describeCompiled,
  EXPORT_HINTS,
  exportedByCompiled,
  wrongKind,
} from './describe.ts';
import { checkPythonConstraint, describePythonFile } from './python.ts';
import { cachedResult } from './result-cache.ts';

export interface DescribeProgramOptions extends DescribeOptions {
  readonly projectDir: string;
  /** Default: from the environment variables. */
  readonly pythons?: Pythons;
}

/** The description of a model, read by loading it in a separate process. @throws MODEL_INVALID if it does not load or is not a model */
export async function describeModelProgram(program: Program, options: DescribeProgramOptions): Promise<ModelDescription> {
  const { source, code, host } = program;
  if (host === 'command') {
    const [{ decodeCommand }, { describeCommand }] = await Promise.all([
      import('../command/command-file.ts'),
      import('../command/read-command.ts'),
    ]);
    return describeCommand(decodeCommand(code!));
  }
  return parseValue(await describeExport(program, options), modelDescriptionSchema, { source, code: 'MODEL_INVALID' });
}

/** The description of a target, read by loading it in a separate process. @throws TARGET_INVALID if it does not load or is not a target */
export async function describeTargetProgram(program: Program, options: DescribeProgramOptions): Promise<TargetDescription> {
  return parseValue(await describeExport(program, options), targetDescriptionSchema, { source: program.source, code: 'TARGET_INVALID' });
}

/** The description of the model with a source name. @throws MODEL_NOT_FOUND, MODEL_INVALID, PYTHON_NOT_FOUND */
export async function describeModel(request: Omit<ProgramRequest, 'kind'>, options: DescribeOptions = {}): Promise<ModelDescription> {
  return describeModelProgram(await readProgram(request), { ...request, ...options });
}

export interface SetsOfParameters {
  readonly names: readonly string[];
  /** One row of values per set, in the order of the names. */
  readonly rows: Iterable<readonly ParamValue[]>;
}

/** 1 for each set that the model's constraint allows. @throws MODEL_INVALID if the constraint throws, otherwise as {@link describeModel} */
export async function checkConstraint(request: Omit<ProgramRequest, 'kind'>, { names, rows }: SetsOfParameters): Promise<Uint8Array> {
  const program = await readProgram(request);
  const { source, file } = program;
  const { projectDir, pythons = pythonsFrom(process.env) } = request;
  const lines = [names, ...rows].map((row) => JSON.stringify(row));
  return withTemporaryFolder('modelops-sets-', async (folder) => {
    const sets = join(folder, 'sets.jsonl');
    await writeFile(sets, `${lines.join('\n')}\n`);
    const allowed = isCompiled(program)
      ? await checkCompiledConstraint(program, sets, projectDir)
      : await checkPythonConstraint({ python: await pythons.open(projectDir), projectDir, file }, parseSourceName(source).exportName, sets);
    if (allowed.length !== lines.length - 1) throw new ModelOpsError('MODEL_INVALID', `${source} did not check every parameter set`);
    return Uint8Array.from(allowed, Number);
  });
}

/** The models or targets of a file, as `file:EXPORT`. @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND if it has none */
export async function exportedSources(projectDir: string, file: string, kind: SourceKind, pythons?: Pythons): Promise<string[]> {
  const host = hostOf(file);
  if (host === 'command' && kind === 'target') throw noTarget(file);
  const names = await exportedNames(projectDir, file, kind, pythons);
  if (names.length > 0 || host === 'command') return names.map((name) => `${file}:${name}`);
  const [verb, hints] = host === 'node' ? ['exports', EXPORT_HINTS] : ['defines', PYTHON_HINTS];
  throw new ModelOpsError(NOUNS[kind].notFound, `${file} ${verb} no ${kind}`, { hint: hints[kind] });
}

const PYTHON_HINTS = {
  model: 'decorate a function with @model, or extend BaseModel',
  target: 'decorate a function with @calibration_target',
};

async function exportedNames(projectDir: string, file: string, kind: SourceKind, pythons = pythonsFrom(process.env)): Promise<string[]> {
  switch (hostOf(file)) {
    case 'node':
      return exportedByCompiled(projectDir, file, kind);
    case 'command':
      return (await import('../command/read-command.ts')).commandModelsOf(projectDir, file);
    case 'python': {
      const python = await pythons.open(projectDir);
      const { models, targets } = await findInPython({ python, projectDir, file, kind, cacheDir: pythons.cacheDir });
      return (kind === 'model' ? models : targets).map(({ name }) => name);
    }
  }
}

function describeExport(program: Program, options: DescribeProgramOptions): Promise<unknown> {
  return isCompiled(program) ? describeCompiled(program, options) : describePython(program, options);
}

/** Importing a scientific package takes seconds, so descriptions are cached by the files that determine them. */
async function describePython(
  { source, kind, file, key }: Program,
  { projectDir, pythons = pythonsFrom(process.env), timeoutMs }: DescribeProgramOptions,
): Promise<unknown> {
  return cachedResult(pythons.cacheDir, `${kind}:${key}`, async () => {
    const python = await pythons.open(projectDir);
    const exported = await describePythonFile({ python, projectDir, file, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, kind);
    const { exportName } = parseSourceName(source);
    const found = exported.find(({ name }) => name === exportName);
    const names = exported.filter((one) => one.kind === `modelops.${kind}`).map(({ name }) => name);
    if (found === undefined) throw missingExport(source, names, kind);
    if (found.kind === `modelops.${kind}`) return found.description;
    throw wrongKind(source, kind);
  });
}
