import { statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { filesOf, ModelOpsError, outputsOf } from '@modelops/contracts';
import {
  describeModelProgram,
  describeTargetProgram,
  exportedSources,
  readProgram,
  resolveSource,
  type SourceKind,
  type TrialRun,
  trialRun,
} from '@modelops/model-host';
import { diskFile } from '../artifact/bundle-file.ts';
import { remember } from '../artifact/memo.ts';
import { describedWith, fileDigests } from '../artifact/model-digest.ts';
import { loadProject, saveRegistry } from './project.ts';
import { type ProjectRegistry, targetSetName } from './schemas.ts';

interface RegisterOptions {
  /** The folder that names are relative to. Default: the project. */
  readonly cwd?: string;
}

interface RegisterModelOptions extends RegisterOptions {
  /** Files to declare as data, relative to the project folder. */
  readonly data?: readonly string[];
  /** Declared files to remove. */
  readonly removeData?: readonly string[];
  /** Also declares the project's files that the trial run opens. */
  readonly detectData?: boolean;
}

interface RegisterTargetOptions extends RegisterOptions {
  /** Target sets to add it to; new sets are created. */
  readonly sets?: readonly string[];
  /** Its weight in these sets. Default: its current weight there, otherwise the one that it declares. */
  readonly weight?: number | undefined;
}

/**
 * Registers a model, or updates its registration. Its data files are those declared before, without `removeData`, with `data`: a change of one of them
 * changes the identity of the model's results. The model runs once, to list the files that it opens.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, FILE_NOT_FOUND, CONFIG_INVALID for data outside the project
 */
export async function registerModel(
  dir: string,
  name: string,
  { cwd = dir, data = [], removeData = [], detectData = false }: RegisterModelOptions = {},
) {
  const source = resolveSource(dir, cwd, name, 'model');
  const { registry } = await loadProject(dir);
  const before = registry.models.find((model) => model.source === source)?.data ?? [];
  const removed = removeData.map((file) => posix.normalize(file));
  const declared = [...before.filter((file) => !removed.includes(file)), ...data].map((file) =>
    dataPath(dir, file, { source, hint: `use its path relative to the project folder, or remove it: --remove-data ${file}` }),
  );
  const program = await readProgram({ projectDir: dir, source });
  const keyed = (paths: readonly string[]) =>
    describedWith(program, paths, fileDigests(paths.map((path) => diskFile(join(dir, path), path))));
  const description = await describeModelProgram(keyed(declared), { projectDir: dir });
  const trial = await trialRun(program, { projectDir: dir, data: declared });
  const files = [...new Set([...declared, ...(detectData ? trial.project : [])])].sort();
  const opened = openedFiles(trial, files);
  // Otherwise a file that a job lacks may have determined the description.
  if (opened.undeclared.length === 0 && opened.trial_problem === null) await remember(dir, { models: { [keyed(files).key]: description } });
  const models = [...registry.models.filter((model) => model.source !== source), { source, data: files, description }];
  await saveRegistry(dir, { ...registry, models: models.sort(bySource) });
  return { source, data: files, ...opened, ...description };
}

/**
 * Files that the trial run opened: `undeclared` ones of the project, which do not exist in a job; and those `outside`, whose content is not part of the
 * identity of results. `trial_problem`: why these lists may be incomplete; null if the trial run succeeded.
 */
function openedFiles({ project, elsewhere, problem }: TrialRun, declared: readonly string[]) {
  return { undeclared: project.filter((file) => !declared.includes(file)), outside: elsewhere, trial_problem: problem ?? null };
}

/** Registers a target, or updates its registration. `unknown_outputs` of the result: those that no registered model has, if there is a model. @throws as {@link withTarget}, CONFIG_INVALID for the name of a set */
export async function registerTarget(dir: string, name: string, { cwd = dir, sets = [], weight }: RegisterTargetOptions = {}) {
  const { registry, target } = await withTarget(dir, (await loadProject(dir)).registry, name, { cwd });
  if (weight !== undefined && sets.length === 0)
    throw new ModelOpsError('USAGE', `--weight ${weight} has no target set`, {
      hint: `add --set NAME, or declare the weight in ${target.source}`,
    });
  await saveRegistry(dir, {
    ...registry,
    target_sets: joinedSets(registry.target_sets, target.source, sets),
    target_set_weights: joinedWeights(registry.target_set_weights, target.source, sets, weight),
  });
  const known = new Set(registry.models.flatMap(({ description }) => description.outputs));
  return { ...target, sets, unknown_outputs: known.size === 0 ? [] : outputsOf(target).filter((output) => !known.has(output)) };
}

/**
 * A registry with the target in it, as its source describes it now. Registers nothing.
 * @throws TARGET_NOT_FOUND, TARGET_INVALID, FILE_NOT_FOUND for its observed data
 */
export async function withTarget(dir: string, registry: ProjectRegistry, name: string, { cwd = dir }: RegisterOptions = {}) {
  const source = resolveSource(dir, cwd, name, 'target');
  const program = await readProgram({ projectDir: dir, source, kind: 'target' });
  const description = await describeTargetProgram(program, { projectDir: dir });
  await remember(dir, { targets: { [program.key]: description } });
  for (const file of filesOf(description)) {
    const path = dataPath(dir, file, { source, hint: `correct its path, relative to the project folder, in ${source}` });
    if (path !== file) throw new ModelOpsError('TARGET_INVALID', `${source} names its data ${file}`, { hint: `write ${path}` });
  }
  const targets = [...registry.targets.filter((target) => target.source !== source), { source, description }];
  return { registry: { ...registry, targets: targets.sort(bySource) }, target: { ...description, source } };
}

function joinedSets(held: ProjectRegistry['target_sets'], source: string, names: readonly string[]): ProjectRegistry['target_sets'] {
  const bad = names.find((name) => !targetSetName.safeParse(name).success);
  if (bad !== undefined)
    throw new ModelOpsError('CONFIG_INVALID', `invalid name of a target set "${bad}"`, {
      hint: 'use lowercase letters, digits, . _ and -',
    });
  const joined = names.map((name) => [name, [...new Set([...(held[name] ?? []), source])].sort()] as const);
  return { ...held, ...Object.fromEntries(joined) };
}

function joinedWeights(
  held: ProjectRegistry['target_set_weights'],
  source: string,
  names: readonly string[],
  weight: number | undefined,
): ProjectRegistry['target_set_weights'] {
  if (weight === undefined) return held;
  return { ...held, ...Object.fromEntries(names.map((name) => [name, { ...held[name], [source]: weight }])) };
}

/** The path of a data file of a model or target in bundles: relative to the project folder, without `.` and `..`. `hint`: for a file that does not exist. */
function dataPath(dir: string, file: string, { source, hint }: { readonly source: string; readonly hint: string }): string {
  const path = posix.normalize(file);
  if (path.startsWith('../') || path === '..' || posix.isAbsolute(path))
    throw new ModelOpsError('CONFIG_INVALID', `data file ${file} of ${source} is outside the project`, {
      hint: 'move the data into the project folder',
    });
  if (statSync(resolve(join(dir, path)), { throwIfNoEntry: false })?.isFile() !== true)
    throw new ModelOpsError('FILE_NOT_FOUND', `data file ${file} of ${source} not found in ${dir}`, { hint });
  return path;
}

const bySource = (a: { source: string }, b: { source: string }) => (a.source < b.source ? -1 : 1);

/** The sources that an argument names: `file:NAME`, or everything of that kind in `file`. @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND if there is none */
export async function namedSources(dir: string, cwd: string, typed: string, kind: SourceKind): Promise<string[]> {
  if (typed.includes(':')) return [typed];
  const file = resolveSource(dir, cwd, `${typed}:x`, kind).slice(0, -':x'.length);
  return exportedSources(dir, file, kind);
}
