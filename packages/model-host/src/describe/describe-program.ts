import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ModelDescription,
  ModelOpsError,
  modelDescriptionSchema,
  parseSourceName,
  parseValue,
  type TargetDescription,
  targetDescriptionSchema,
} from '@modelops/contracts';
import { decodeCommand } from '../command/command-file.ts';
import { commandModelsOf, describeCommand } from '../command/read-command.ts';
import { type Pythons, pythonsFrom } from '../environment/pythons.ts';
import { missingExport } from '../source/compile-program.ts';
import { hostOf, isCompiled, noTarget, type Program, type ProgramRequest, readProgram } from '../source/program.ts';
import { findInPython } from '../source/python/find-python.ts';
import { NOUNS, type SourceKind } from '../source/source-file.ts';
import {
  checkCompiledConstraint,
  type DescribeOptions,
  describeCompiledModel,
  describeCompiledTarget,
  exportedByCompiled,
  wrongKind,
} from './describe.ts';
import { decodeAllowed, encodeSets, type SetsOfParameters } from './parameter-sets.ts';
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
  if (host === 'command') return describeCommand(decodeCommand(code!));
  if (isCompiled(program)) return describeCompiledModel(source, program, options);
  return parseValue(await describePython(program, options), modelDescriptionSchema, { source, code: 'MODEL_INVALID' });
}

/** The description of a target, read by loading it in a separate process. @throws TARGET_INVALID if it does not load or is not a target */
export async function describeTargetProgram(program: Program, options: DescribeProgramOptions): Promise<TargetDescription> {
  const { source } = program;
  if (isCompiled(program)) return describeCompiledTarget(source, program, options);
  return parseValue(await describePython(program, options), targetDescriptionSchema, { source, code: 'TARGET_INVALID' });
}

/** The description of the model with a source name. @throws MODEL_NOT_FOUND, MODEL_INVALID, PYTHON_NOT_FOUND */
export async function describeModel(request: Omit<ProgramRequest, 'kind'>, options: DescribeOptions = {}): Promise<ModelDescription> {
  return describeModelProgram(await readProgram(request), { ...request, ...options });
}

/** 1 for each set that the model's constraint allows. @throws MODEL_INVALID if the constraint throws, otherwise as {@link describeModel} */
export async function checkConstraint(request: Omit<ProgramRequest, 'kind'>, sets: SetsOfParameters): Promise<Uint8Array> {
  const program = await readProgram(request);
  if (isCompiled(program)) return checkCompiledConstraint(program, sets, request.projectDir);
  const { source, file } = program;
  const { projectDir, pythons = pythonsFrom(process.env) } = request;
  const { text, count } = encodeSets(sets);
  const folder = await mkdtemp(join(tmpdir(), 'modelops-sets-'));
  try {
    await writeFile(join(folder, 'sets.jsonl'), text);
    const python = await pythons.open(projectDir);
    const { exportName } = parseSourceName(source);
    return decodeAllowed(await checkPythonConstraint({ python, projectDir, file }, exportName, join(folder, 'sets.jsonl')), count, source);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The models or targets of a file, as `file:EXPORT`. @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND if it has none */
export async function exportedSources(projectDir: string, file: string, kind: SourceKind, pythons?: Pythons): Promise<string[]> {
  const host = hostOf(file);
  if (host === 'node') return exportedByCompiled(projectDir, file, kind);
  if (host === 'command') {
    if (kind === 'target') throw noTarget(file);
    return (await commandModelsOf(projectDir, file)).map((name) => `${file}:${name}`);
  }
  const { cacheDir, open } = pythons ?? pythonsFrom(process.env);
  const found = (await findInPython({ python: await open(projectDir), projectDir, file, kind, cacheDir }))[
    kind === 'model' ? 'models' : 'targets'
  ];
  if (found.length === 0)
    throw new ModelOpsError(NOUNS[kind].notFound, `${file} defines no ${kind}`, {
      hint: kind === 'model' ? 'decorate a function with @model, or extend BaseModel' : 'decorate a function with @calibration_target',
    });
  return found.map(({ name }) => `${file}:${name}`);
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
