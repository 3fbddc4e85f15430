import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, formatCount, isModelOpsError, ModelOpsError, type Problem } from '@modelops/contracts';
import { METADATA, outputOfFile, RESULT } from '../tree/documents.ts';
import type { Columns } from '../tree/join-tables.ts';
import type { ArtifactRequest } from './artifact.ts';
import type { ArtifactReader } from './artifact-child.ts';
import { invalid, readResult, type TreeAggregation, type TreeSimulation } from './read-result.ts';

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
  /** Each task once; of duplicates, the first in the order of folders. */
  readonly simulations: readonly FoundSimulation[];
  readonly aggregations: readonly TreeAggregation[];
  /** Number of skipped results by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Largest `metadata.json` or `result.json`, bytes. */
const MAX_DOCUMENT_BYTES = 16 * 2 ** 20;

/**
 * Reads every result under a folder completely; one bad file refuses the whole tree.
 * @throws FILE_INVALID with every bad file and its problem; FILE_NOT_FOUND without a result
 */
export async function readTree(root: string, code: Digest | undefined, reader: ArtifactReader): Promise<TreeContents> {
  const simulations = new Map<string, FoundSimulation>();
  const aggregations: TreeAggregation[] = [];
  const skipped: Record<string, number> = {};
  const problems: Problem[] = [];
  let folders = 0;
  for await (const { folder, files } of resultFolders(root)) {
    folders++;
    const at = folder.slice(root.length + 1);
    try {
      const found = await readFolder({ folder, files }, code, reader);
      if (found.kind === 'skipped') skipped[found.reason] = (skipped[found.reason] ?? 0) + 1;
      else if (found.kind === 'aggregation') aggregations.push(found);
      else if (!simulations.has(found.row.task_id)) simulations.set(found.row.task_id, found);
    } catch (error) {
      for (const problem of problemsOf(error, at)) problems.push(problem);
    }
  }
  if (folders === 0)
    throw new ModelOpsError('FILE_NOT_FOUND', `no results found in ${root}`, {
      hint: `a result is a folder with ${METADATA} and ${RESULT}`,
    });
  if (problems.length === 0) return { simulations: [...simulations.values()], aggregations, skipped };
  throw new ModelOpsError('FILE_INVALID', `${root} has ${formatCount(problems.length, 'problem')}; nothing was imported`, {
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

async function readFolder({ folder, files }: ResultFolder, code: Digest | undefined, reader: ArtifactReader) {
  const lacking = [METADATA, RESULT].filter((name) => !files.includes(name));
  if (lacking.length > 0) throw invalid(lacking.map((path) => ({ path, message: 'is missing: the result is incomplete' })));
  const [metadata, result] = await Promise.all([METADATA, RESULT].map((name) => readDocument(join(folder, name), name)));
  const found = readResult(metadata!, result!, code);
  return found.kind === 'simulation' ? withFiles(found, { folder, files }, reader) : found;
}

async function withFiles(found: TreeSimulation, { folder, files }: ResultFolder, reader: ArtifactReader): Promise<FoundSimulation> {
  const artifacts = files.filter((name) => outputOfFile(name) !== undefined).sort();
  const problems: Problem[] = [];
  const forms: string[] = [];
  let bytes = 0;
  for (const file of artifacts) {
    try {
      const artifact = await reader.read(requestOf(file, folder, found));
      bytes += artifact.bytes;
      forms.push(`${file}(${artifact.form})`);
    } catch (error) {
      problems.push(...problemsOf(error, file));
    }
  }
  for (const [output, about] of Object.entries(found.outputs)) {
    if (artifacts.some((file) => outputOfFile(file) === output) || 'json_size' in about) continue;
    problems.push({ path: `artifact_${output}.arrow`, message: `is missing, but listed in ${RESULT}` });
  }
  if (problems.length > 0) throw invalid(problems);
  return { ...found, folder, files: artifacts, bytes, form: forms.join(' ') };
}

/** Reads the outputs of a result again. @throws FILE_INVALID if a file has changed incompatibly */
export async function outputsOf(found: FoundSimulation, reader: ArtifactReader): Promise<Map<string, Columns>> {
  const columns = new Map<string, Columns>();
  for (const file of found.files) {
    const artifact = await reader.read({ ...requestOf(file, found.folder, found), needsColumns: true });
    columns.set(outputOfFile(file)!, artifact.columns);
  }
  return columns;
}

function requestOf(file: string, folder: string, { outputs }: Pick<TreeSimulation, 'outputs'>): ArtifactRequest {
  const { size, sha256 } = outputs[outputOfFile(file)!] ?? {};
  return { file: join(folder, file), size, sha256 };
}

async function readDocument(file: string, name: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MAX_DOCUMENT_BYTES) throw invalid([{ path: name, message: `has ${size} bytes; the limit is ${MAX_DOCUMENT_BYTES}` }]);
  return readFile(file, 'utf8');
}
