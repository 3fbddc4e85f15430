import { type JobId, keys, type PackAddress, type ParamValues, packPrefix, sha256Hex } from '@modelops/contracts';
import { EVICTED, INDEX, isBad, isOpen, isSealed, type PackObjects, readPackSummary, walkPacks } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import type { Stores } from '@modelops/worker';
import { parametersOf, type ViewParameter } from './definitions.ts';
import type { LocalFiles } from './local-files.ts';

/** A pack of simulations whose index is intact. */
export interface FoundPack {
  readonly folder: string;
  readonly isEvicted: boolean;
  /** The index's file on this machine. */
  readonly index: string;
  /** Digests of output files by output, hex. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly parameters: readonly ViewParameter[];
}

/** Maximum number of concurrent requests. */
const CONCURRENCY = 16;
/** Maximum number of parameter sets of a pack examined for the names and types of parameters, which all sets of a model share. */
const MOST_SETS = 4_096;

export interface FileSources {
  readonly stores: Pick<Stores, 'objects' | 'cached'>;
  readonly files: LocalFiles;
  readonly onUnreadable: (problem: string) => void;
}

/** Packs with an index: of the given addresses, otherwise of the whole store. A damaged index is reported and its pack omitted. */
export async function findPacks(addresses: readonly PackAddress[] | undefined, sources: FileSources): Promise<FoundPack[]> {
  const prefixes = addresses === undefined ? ['provenance/'] : new Set(addresses.map(packPrefix));
  return found(simulationPacks(sources, prefixes), (pack) => openPack(pack, sources));
}

/** What is found for each item, in their order. */
async function found<T, R>(items: Iterable<T> | AsyncIterable<T>, find: (item: T) => Promise<R | undefined>): Promise<R[]> {
  return (await mapConcurrently(items, CONCURRENCY, find)).filter((one) => one !== undefined);
}

async function* simulationPacks({ stores }: FileSources, prefixes: Iterable<string>): AsyncIterable<PackObjects> {
  for (const prefix of prefixes)
    for await (const pack of walkPacks(stores.objects, prefix))
      if (pack.prefix.split('/')[3] === 'sims' && pack.files.some(({ key }) => key === `${pack.folder}/${INDEX}`)) yield pack;
}

async function openPack({ folder, files: objects }: PackObjects, { stores, files, onUnreadable }: FileSources) {
  const summary = await readPackSummary(stores.cached, folder);
  if (isBad(summary)) onUnreadable(`${folder}: ${summary.bad}`);
  if (!isOpen(summary)) return undefined; // damaged, or deleted since it was listed
  const index = await files.fileOf(`${folder}/${INDEX}`, isSealed, summary.bytes);
  if (typeof index === 'string') return undefined;
  const isEvicted = objects.some(({ key }) => key === `${folder}/${EVICTED}`);
  const { params, outputs } = summary;
  const step = Math.max(1, Math.ceil(params.length / MOST_SETS));
  const sets = params.filter((_, at) => at % step === 0).map((text) => JSON.parse(text) as ParamValues);
  return { folder, isEvicted, index: index.path, outputs, parameters: parametersOf(sets) };
}

/** The files of an output in packs that have it, checked against the digests of their indexes; a damaged one is reported and omitted. */
export async function outputFiles(output: string, packs: readonly FoundPack[], { files, onUnreadable }: FileSources): Promise<string[]> {
  const having = packs.filter(({ isEvicted, outputs }) => !isEvicted && outputs.has(output));
  return found(having, async ({ folder, outputs }) => {
    const key = `${folder}/${output}.parquet`;
    const file = await files.fileOf(key, (bytes) => sha256Hex(bytes) === outputs.get(output));
    if (typeof file !== 'string') return file.path;
    onUnreadable(file === 'absent' ? `${key} not found` : `${key} has changed since it was written`);
    return undefined;
  });
}

/** The attribution files of jobs; a damaged one is reported and omitted. */
export async function attributionFiles(jobs: readonly JobId[], { stores, files, onUnreadable }: FileSources): Promise<string[]> {
  return found(attributionKeys(jobs, stores), async (key) => {
    const file = await files.fileOf(key, isSealed);
    if (file === 'changed') onUnreadable(`${key} has changed since it was written`);
    return typeof file === 'string' ? undefined : file.path;
  });
}

async function* attributionKeys(jobs: readonly JobId[], { objects }: Pick<Stores, 'objects'>): AsyncIterable<string> {
  for (const job of jobs)
    for await (const { key } of objects.list(keys.attributions(job), { keysOnly: true })) if (key.endsWith('.parquet')) yield key;
}
