import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  type ClosureFile,
  type ModelDescription,
  ModelOpsError,
  nearestName,
  type Problem,
  parseSourceName,
  parseValue,
  problemsError,
  sha256Hex,
} from '@modelops/contracts';
import { definitionProblems, describeDefinition, RESERVED_COLUMNS } from '@modelops/sdk/internal';
import { isFile } from '@modelops/system';
import { yamlValue } from '../source/yaml-value.ts';
import { type CommandModel, type CommandProgram, commandFileSchema } from './command-file.ts';
import { BUILT_IN_NAMES, placeholderProblems } from './placeholders.ts';
import { splitCommand } from './split-command.ts';

/** A model of `modelops.yaml` as hosts load it, and the files that it names. */
export interface ReadCommand {
  readonly program: CommandProgram;
  /** The project's files that the command may read, sorted by path. */
  readonly closure: readonly ClosureFile[];
}

/** The names of the models of a file. @throws MODEL_INVALID with the line, or every problem */
export async function commandModelsOf(projectDir: string, file: string): Promise<string[]> {
  return Object.keys((await readFile(projectDir, file)).models);
}

/**
 * Reads one model of a `modelops.yaml`.
 * @throws MODEL_NOT_FOUND for a name that the file does not have, MODEL_INVALID with every problem: unknown fields, files that do not exist or are outside
 * the project, unknown placeholders, and problems of the definition
 */
export async function readCommand(projectDir: string, file: string, source: string): Promise<ReadCommand> {
  const { models } = await readFile(projectDir, file);
  const { exportName } = parseSourceName(source);
  const model = Object.hasOwn(models, exportName) ? models[exportName]! : undefined;
  if (model === undefined) throw missingModel(file, exportName, Object.keys(models));
  const folder = posix.dirname(file) === '.' ? '' : posix.dirname(file);
  const problems: Problem[] = [];
  const command = argumentsOf(model.command, problems);
  const templates = model.templates.map(({ from, to }) => ({ from: posix.normalize(posix.join(folder, from)), to: to ?? from }));
  const named = filesOf(projectDir, folder, { ...model, command }, problems);
  const { parameters, scenarios, env, outputs } = model;
  const program: CommandProgram = {
    version: 1,
    folder,
    command,
    env,
    templates,
    parameters,
    ...(scenarios === undefined ? {} : { scenarios }),
    outputs,
  };
  problems.push(...ownProblems(program), ...(problems.length > 0 ? [] : templateProblems(projectDir, program)));
  const at = problems.map(({ path, message }) => ({ path: `models.${exportName}.${path}`, message }));
  if (at.length > 0) throw problemsError(at, { source, code: 'MODEL_INVALID' });
  return { program, closure: named.map((path) => ({ path, sha256: sha256Hex(readFileSync(join(projectDir, path))) })) };
}

/** The description of a command model. */
export function describeCommand(program: CommandProgram): ModelDescription {
  return describeDefinition(definitionOf(program)) as ModelDescription;
}

function definitionOf({ parameters, scenarios, outputs }: CommandProgram) {
  return { parameters, ...(scenarios === undefined ? {} : { scenarios }), outputs: Object.keys(outputs) };
}

function missingModel(file: string, name: string, names: readonly string[]): ModelOpsError {
  const near = nearestName(name, names);
  return new ModelOpsError('MODEL_NOT_FOUND', `${file} has no model ${name}; it has ${names.join(', ') || 'none'}`, {
    hint: near && `did you mean ${file}:${near}?`,
  });
}

async function readFile(projectDir: string, file: string) {
  const context = { source: file, code: 'MODEL_INVALID' } as const;
  return parseValue(await yamlValue(readFileSync(join(projectDir, file), 'utf8'), context), commandFileSchema, context);
}

function argumentsOf(command: CommandModel['command'], problems: Problem[]): string[] {
  if (typeof command !== 'string') return command;
  try {
    return splitCommand(command);
  } catch (error) {
    problems.push({ path: 'command', message: (error as Error).message });
    return [command];
  }
}

/** The files of the project that a model names, sorted. */
function filesOf(
  projectDir: string,
  folder: string,
  model: CommandModel & { readonly command: readonly string[] },
  problems: Problem[],
): string[] {
  const found = new Set<string>();
  const add = (named: string, path: string) => {
    const inProject = posix.normalize(posix.join(folder, named));
    if (posix.isAbsolute(named) || inProject === '..' || inProject.startsWith('../'))
      return problems.push({ path, message: `${named} is outside the project` });
    const stat = statSync(join(projectDir, inProject), { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) for (const file of filesBelow(projectDir, inProject)) found.add(file);
    else if (stat?.isFile() === true) found.add(inProject);
    else problems.push({ path, message: `file ${named} not found in ${join(projectDir, folder)}` });
    return undefined;
  };
  for (const [at, file] of model.files.entries()) add(file, `files[${at}]`);
  for (const [at, { from }] of model.templates.entries()) add(from, `templates[${at}].from`);
  for (const [at, word] of model.command.entries())
    if (!posix.isAbsolute(word) && isFile(join(projectDir, folder, word))) add(word, `command[${at}]`);
  return [...found].sort();
}

const EXCLUDED = ['node_modules', '__pycache__'];

/** Every file below a folder, except hidden ones. */
function filesBelow(projectDir: string, folder: string): string[] {
  return readdirSync(join(projectDir, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || EXCLUDED.includes(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(projectDir, path) : isFile(join(projectDir, path)) ? [path] : [];
  });
}

function ownProblems(program: CommandProgram): Problem[] {
  const { command, env, parameters, outputs } = program;
  const names = Object.keys(parameters);
  const texts = [
    ...command.map((text, at) => ({ path: `command[${at}]`, text })),
    ...Object.entries(env).map(([name, text]) => ({ path: `env.${name}`, text })),
  ];
  const files = Object.values(outputs).map(({ file }) => file);
  return [
    ...definitionProblems({ ...definitionOf(program), simulate: noSimulation }),
    ...names
      .filter((name) => [...BUILT_IN_NAMES, 'config'].includes(name))
      .map((name) => ({ path: `parameters.${name}`, message: `${name} is reserved: rename the parameter` })),
    ...texts.flatMap(({ path, text }) => placeholderProblems(text, names).map((message) => ({ path, message }))),
    ...Object.entries(outputs).flatMap(([output, { file, columns }], at) => [
      ...(files.indexOf(file) === at ? [] : [{ path: `outputs.${output}.file`, message: `${file} is also the file of another output` }]),
      ...Object.keys(columns)
        .filter((name) => RESERVED_COLUMNS.includes(name))
        .map((name) => ({ path: `outputs.${output}.columns.${name}`, message: 'this name is reserved: rename the column' })),
    ]),
  ];
}

function templateProblems(projectDir: string, { templates, parameters }: CommandProgram): Problem[] {
  return templates.flatMap(({ from }, at) =>
    placeholderProblems(readFileSync(join(projectDir, from), 'utf8'), Object.keys(parameters)).map((message) => ({
      path: `templates[${at}].from`,
      message: `${from}: ${message}`,
    })),
  );
}

function noSimulation(): never {
  throw new Error('a command model has no simulate function');
}
