import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { count, type Digest, isModelOpsError, ModelOpsError, type Problem, sha256Hex } from '@modelops/contracts';
import { columnsOfArrow } from '../tree/arrow-table.ts';
import { METADATA, outputOfFile, RESULT } from '../tree/documents.ts';
import type { Columns } from '../tree/join-tables.ts';
import { readResult, type TreeAggregation, type TreeSimulation } from './read-result.ts';

/** A simulation of the tree whose files are all valid. */
export interface FoundSimulation extends TreeSimulation {
  readonly folder: string;
  /** Outputs with a file, in order of their names. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Names and types of all columns: results with the same form fit into one pack. */
  readonly form: string;
}

export interface TreeContents {
  /** Each task once, the first in order of folders. */
  readonly simulations: readonly FoundSimulation[];
  readonly aggregations: readonly TreeAggregation[];
  /** Number of skipped results by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Columns that a pack adds to every output. */
const OWN_COLUMNS = ['param_id', 'seed'];

/**
 * Reads every result under a folder completely; one bad file refuses the whole tree.
 * @throws FILE_INVALID with every bad file and its problem; FILE_NOT_FOUND without a result
 */
export async function readTree(root: string, code: Digest | undefined): Promise<TreeContents> {
  const simulations = new Map<string, FoundSimulation>();
  const aggregations: TreeAggregation[] = [];
  const skipped: Record<string, number> = {};
  const problems: Problem[] = [];
  let folders = 0;
  for await (const { folder, files } of resultFolders(root)) {
    folders++;
    const at = folder.slice(root.length + 1);
    try {
      const found = await readFolder(folder, files, code);
      if (found.kind === 'skipped') skipped[found.reason] = (skipped[found.reason] ?? 0) + 1;
      else if (found.kind === 'aggregation') aggregations.push(found);
      else if (!simulations.has(found.row.task_id)) simulations.set(found.row.task_id, found);
    } catch (error) {
      problems.push(...problemsOf(error, at));
    }
  }
  if (folders === 0)
    throw new ModelOpsError('FILE_NOT_FOUND', `no results found in ${root}`, {
      hint: `a result is a folder with ${METADATA} and ${RESULT}`,
    });
  if (problems.length === 0) return { simulations: [...simulations.values()], aggregations, skipped };
  throw new ModelOpsError('FILE_INVALID', `${root} has ${count(problems.length, 'problem')}; nothing was imported`, {
    problems,
    hint: 'fix or remove these results, then import again',
  });
}

function problemsOf(error: unknown, at: string): Problem[] {
  if (!isModelOpsError(error) || error.exit === 1) throw error;
  if (error.problems.length === 0) return [{ path: at, message: error.message }];
  return error.problems.map(({ path, message }) => ({ path: join(at, path), message }));
}

interface ResultFolder {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Folders with a file of a result, in order; links are not followed. */
async function* resultFolders(folder: string): AsyncIterable<ResultFolder> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new ModelOpsError('FILE_NOT_FOUND', `cannot read ${folder}: ${cause.code}`, { cause });
  });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  if (files.some((name) => name === METADATA || name === RESULT || outputOfFile(name) !== undefined)) yield { folder, files };
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of folders.sort()) yield* resultFolders(join(folder, name));
}

async function readFolder(folder: string, files: readonly string[], code: Digest | undefined) {
  const lacking = [METADATA, RESULT].filter((name) => !files.includes(name));
  if (lacking.length > 0) throw badFiles(lacking.map((path) => ({ path, message: 'is missing: the result is incomplete' })));
  const [metadata, result] = await Promise.all([METADATA, RESULT].map((name) => readFile(join(folder, name), 'utf8')));
  const found = readResult({ metadata: metadata!, result: result! }, code);
  return found.kind === 'simulation' ? withFiles(found, folder, files) : found;
}

async function withFiles(found: TreeSimulation, folder: string, files: readonly string[]): Promise<FoundSimulation> {
  const artifacts = files.filter((name) => outputOfFile(name) !== undefined).sort();
  const problems: Problem[] = [];
  const forms: string[] = [];
  let bytes = 0;
  for (const file of artifacts) {
    try {
      const content = await readFile(join(folder, file));
      bytes += content.byteLength;
      forms.push(`${file}(${formOf(await checkedColumns(content, found.outputs[outputOfFile(file)!]))})`);
    } catch (error) {
      problems.push(...problemsOf(error, file));
    }
  }
  for (const [output, about] of Object.entries(found.outputs)) {
    if (artifacts.some((file) => outputOfFile(file) === output) || 'json_size' in about) continue;
    problems.push({ path: `artifact_${output}.arrow`, message: `is missing, but listed in ${RESULT}` });
  }
  if (problems.length > 0) throw badFiles(problems);
  return { ...found, folder, files: artifacts, bytes, form: forms.join(' ') };
}

async function checkedColumns(
  bytes: Uint8Array,
  about: { size?: number | undefined; sha256?: string | undefined } | undefined,
): Promise<Columns> {
  const refuse = (message: string) => new ModelOpsError('FILE_INVALID', message);
  if (about?.size !== undefined && about.size !== bytes.byteLength)
    throw refuse(`has ${bytes.byteLength} bytes; ${RESULT} lists ${about.size}`);
  if (about?.sha256 !== undefined && about.sha256 !== sha256Hex(bytes)) throw refuse(`its digest differs from the one in ${RESULT}`);
  const columns = await columnsOfArrow(bytes);
  const names = columns.map(({ name }) => name);
  const bad = names.find((name, at) => OWN_COLUMNS.includes(name) || names.indexOf(name) !== at);
  if (bad !== undefined) throw refuse(OWN_COLUMNS.includes(bad) ? `column ${bad} is reserved` : `has two columns ${bad}`);
  return columns;
}

function formOf(columns: Columns): string {
  return columns.map(({ name, values }) => `${JSON.stringify(name)}:${kindOf(values)}`).join();
}

function kindOf(values: Columns[number]['values']): string {
  if (ArrayBuffer.isView(values)) return values.constructor.name;
  return (values as readonly unknown[]).some((value) => typeof value === 'boolean') ? 'bool' : 'utf8';
}

function badFiles(problems: readonly Problem[]): ModelOpsError {
  return new ModelOpsError('FILE_INVALID', 'invalid files of a result', { problems });
}

/** Reads the outputs of a result again. @throws FILE_INVALID if a file has changed incompatibly */
export async function outputsOf({ folder, files, outputs }: FoundSimulation): Promise<Map<string, Columns>> {
  const columns = new Map<string, Columns>();
  for (const file of files) {
    const output = outputOfFile(file)!;
    columns.set(output, await checkedColumns(await readFile(join(folder, file)), outputs[output]));
  }
  return columns;
}
