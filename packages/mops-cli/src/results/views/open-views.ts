import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type JobId, type JobState, ModelOpsError, type PackAddress, sha256Hex } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { OpenEnvironment } from '../../deps.ts';
import { openLossFiles } from '../loss-files.ts';
import {
  attributionView,
  countedRows,
  failuresView,
  INTERNAL,
  indexRows,
  joinParameters,
  lossesView,
  noLosses,
  outputView,
  parametersView,
  tasksView,
} from './definitions.ts';
import { identifier, literal, openDuck } from './duckdb.ts';
import { jobsTable } from './jobs-table.ts';
import { openLocalFiles } from './local-files.ts';
import { attributionFiles, type FileSources, type FoundPack, findPacks, outputFiles } from './store-files.ts';

/** Views that always exist; every model output has a further view of its name. */
export const FIXED_VIEWS = ['losses', 'jobs', 'tasks', 'failures', 'attribution', 'parameters'] as const;

export interface ViewOptions {
  /**
   * Only these jobs in `losses`, `jobs` and `attribution`; of the other views only rows of their models and scenarios, which other jobs may share:
   * join `attribution` for the tasks of one job. Default: all jobs, all rows.
   */
  readonly jobs?: readonly JobId[] | undefined;
  /** Names of the required views; unknown names are ignored, and the files of other views are not read. Default: all. */
  readonly views?: readonly string[] | undefined;
  /** Called for a damaged file, which is omitted. */
  readonly onUnreadable?: ((problem: string) => void) | undefined;
}

/** SQL views over a store, in a separate DuckDB. They read Parquet files whose digests were checked when the views were opened. */
export interface Views {
  readonly connection: DuckDBConnection;
  /** Names of the views of model outputs by output; empty if only `losses`, `jobs` and `attribution` were required. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The only files that the views read. */
  readonly files: readonly string[];
  close(): void;
}

type Opened = Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>;

/**
 * Opens the views `losses, jobs, tasks, failures, attribution, parameters`, and one for each model output. Each result counts once (of
 * duplicates, that of the lowest pack), packs without an index are ignored, and parameters are columns `param_<name>`. Writes nothing to the store.
 */
export async function openViews(opened: Opened, options: ViewOptions = {}): Promise<Views> {
  const { jobs: ids, views, onUnreadable = () => undefined } = options;
  const duck = await openDuck();
  const { connection } = duck;
  const files: string[] = [];
  const wants = (view: string) => views === undefined || views.some((name) => name.toLowerCase() === view.toLowerCase());
  const define: Define = {
    wants,
    uses(paths) {
      for (const path of paths) files.push(path);
    },
    columnsOf: (paths) => columnsOf(connection, paths),
    as: async (name, sql, kind = 'VIEW') => void (await connection.run(`CREATE ${kind} ${name} AS ${sql}`)),
  };
  try {
    await connection.run(`CREATE SCHEMA ${INTERNAL}`);
    const sources: FileSources = { stores: opened.stores, files: await openCopies(opened), onUnreadable };
    if (wants('losses')) await defineLosses(await lossPaths(ids, opened, onUnreadable), define);
    if (wants('jobs') || wants('attribution')) await defineJobs(await statesOf(ids, opened, onUnreadable), sources, opened, define);
    const needsPacks = views === undefined || views.some((name) => !WITHOUT_PACKS.has(name.toLowerCase()));
    const outputs = needsPacks ? await definePacks(await findPacks(await addressesOf(ids, opened), sources), sources, define) : new Map();
    return { connection, outputs, files, close: duck.close };
  } catch (error) {
    duck.close();
    throw error;
  }
}

/** Views that need no pack. */
const WITHOUT_PACKS: ReadonlySet<string> = new Set(['losses', 'jobs', 'attribution']);

interface Define {
  wants(view: string): boolean;
  as(name: string, sql: string, kind?: 'VIEW' | 'TABLE'): Promise<void>;
  columnsOf(paths: readonly string[]): Promise<string[]>;
  uses(paths: readonly string[]): void;
}

async function defineLosses(paths: readonly string[], define: Define): Promise<void> {
  define.uses(paths);
  await define.as('losses', paths.length === 0 ? noLosses : lossesView(paths, await define.columnsOf(paths)));
}

async function defineJobs(states: readonly JobState[], sources: FileSources, { stores }: Opened, define: Define): Promise<void> {
  if (define.wants('jobs')) await define.as('jobs', await jobsTable(states, stores), 'TABLE');
  if (!define.wants('attribution')) return;
  const ids = states.map(({ job_id }) => job_id);
  const paths = await attributionFiles(ids, sources);
  define.uses(paths);
  await define.as('attribution', attributionView(paths));
}

async function definePacks(packs: readonly FoundPack[], sources: FileSources, define: Define): Promise<Map<string, string>> {
  const indexes = (isEvicted: boolean) => packs.filter((pack) => pack.isEvicted === isEvicted).map(({ index }) => index);
  define.uses(packs.map(({ index }) => index));
  await define.as(`${INTERNAL}.index_rows`, indexRows({ live: indexes(false), evicted: indexes(true) }));
  await define.as(`${INTERNAL}.counted_rows`, countedRows);
  const parameters = joinParameters(packs.map((pack) => pack.parameters));
  if (define.wants('tasks')) await define.as('tasks', tasksView(parameters));
  if (define.wants('failures')) await define.as('failures', failuresView(parameters));
  if (define.wants('parameters')) await define.as('parameters', parametersView(parameters));
  const outputs = outputNames(packs);
  for (const [name, view] of outputs) if (define.wants(view)) await defineOutput(name, view, packs, sources, define);
  return outputs;
}

async function defineOutput(name: string, view: string, packs: readonly FoundPack[], sources: FileSources, define: Define): Promise<void> {
  const paths = await outputFiles(name, packs, sources);
  if (paths.length === 0)
    throw new ModelOpsError('STORE_CORRUPT', `no file of output ${name} can be read`, { hint: 'list the damaged packs: mops store check' });
  define.uses(paths);
  const columns = (await define.columnsOf(paths)).filter((column) => column !== 'param_id' && column !== 'seed');
  const parameters = joinParameters(packs.filter(({ outputs }) => outputs.has(name)).map((pack) => pack.parameters));
  await define.as(identifier(view), outputView({ name, files: paths, columns, parameters }));
}

/** The view of each output that has files: its name, or `output_<name>` if that is taken. SQL names are case-insensitive. */
function outputNames(packs: readonly FoundPack[]): Map<string, string> {
  const outputs = new Set(packs.flatMap(({ isEvicted, outputs: files }) => (isEvicted ? [] : [...files.keys()])));
  const taken = new Set<string>(FIXED_VIEWS);
  const names = new Map<string, string>();
  for (const output of [...outputs].sort()) {
    let name = output;
    while (taken.has(name.toLowerCase())) name = `output_${name}`;
    taken.add(name.toLowerCase());
    names.set(output, name);
  }
  return names;
}

async function columnsOf(connection: DuckDBConnection, paths: readonly string[]): Promise<string[]> {
  const list = paths.map(literal).join(', ');
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet([${list}], union_by_name = true) LIMIT 0`);
  return reader.columnNames();
}

async function openCopies({ stores, environment: { storage }, cacheDir }: Opened) {
  const store = sha256Hex(JSON.stringify([storage.account_url ?? null, storage.container ?? null])).slice(0, 16);
  return openLocalFiles(stores.objects, storage, join(cacheDir, 'views', store));
}

async function lossPaths(ids: readonly JobId[] | undefined, opened: Opened, onUnreadable: (problem: string) => void): Promise<string[]> {
  const losses = await openLossFiles(opened, onUnreadable);
  if (ids === undefined) return losses.all();
  const paths = await Promise.all(ids.map((id) => losses.of(id)));
  return paths.filter((path) => path !== undefined);
}

async function statesOf(
  ids: readonly JobId[] | undefined,
  { stores }: Opened,
  onUnreadable: (problem: string) => void,
): Promise<JobState[]> {
  if (ids !== undefined) return Promise.all(ids.map((id) => stores.registry.state(id)));
  const states: JobState[] = [];
  for await (const state of stores.registry.list({ onUnreadable: (id, error) => onUnreadable(`${id}: ${error.message}`) }))
    states.push(state);
  return states;
}

async function addressesOf(ids: readonly JobId[] | undefined, { stores }: Opened): Promise<PackAddress[] | undefined> {
  if (ids === undefined) return undefined;
  return Promise.all(ids.map(async (id) => createJob(await stores.registry.spec(id)).sims));
}
