import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type JobId, keys, ModelOpsError, packPrefix, sha256Hex } from '@modelops/contracts';
import { getBounded, INDEX, isOpen, isSealed, MAX_BYTES, type ObjectStore, openObjectStore, readPackSummary } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import { createJob, type Job, type Stores } from '@modelops/worker';
import type { DownloadReport } from '../documents/results.ts';
import { lossesDigest } from './verified-losses.ts';

export interface DownloadRequest {
  readonly job: JobId;
  /** An absolute path. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number, total: number) => void;
}

/** Marks a folder as a download; any other non-empty folder is refused. */
const MARKER = '.modelops-download.json';
const CONCURRENCY = 8;
/** Maximum number of reads of an object whose bytes do not match its digest. */
const MOST_READS = 3;
/** Task ids looked up together. */
const BATCH = 8192;

/** An object to copy. */
interface Wanted {
  readonly key: string;
  readonly size: number;
  /** False for bytes that do not match their digest. */
  readonly isSound: (bytes: Uint8Array) => boolean;
}

/**
 * Copies a job to a folder that is itself a store: its records, losses, attribution, and the packs that have its results, checked against their
 * digests. The index of a pack is copied after its outputs. Repeated, it verifies the existing files and copies the rest.
 * @throws CONFLICT for a folder with other files; STORE_CORRUPT for an object whose bytes have changed
 */
export async function downloadJob({ job: id, dir, signal, onProgress }: DownloadRequest, stores: Stores): Promise<DownloadReport> {
  const job = createJob(await stores.registry.spec(id));
  await prepareFolder(dir);
  const target = await openObjectStore({ provider: 'fs', path: dir });
  const { packs, missing } = await packsOf(job, stores);
  const [files, indexes] = await wantedOf(job, packs, stores);
  const total = [...files, ...indexes].reduce((sum, { size }) => sum + size, 0);
  const counts = { files: 0, bytes: 0, kept: 0 };
  const copy = async (one: Wanted) => {
    if (signal.aborted)
      throw new ModelOpsError('INTERRUPTED', 'the download was interrupted', { hint: 'run it again: it continues where it stopped' });
    if (await isThere(target, one)) counts.kept++;
    else await target.put(one.key, await readSound(stores.objects, one));
    counts.files++;
    counts.bytes += one.size;
    onProgress?.(counts.bytes, total);
  };
  await copyAll(files, copy);
  await copyAll(indexes, copy);
  return { job: id, output: dir, ...counts, missing };
}

/** Throws the first error once the running copies have finished. */
async function copyAll(wanted: readonly Wanted[], copy: (one: Wanted) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  await mapConcurrently(wanted, CONCURRENCY, async (one) => {
    if (errors.length === 0) await copy(one).catch((error: unknown) => errors.push(error));
  });
  if (errors.length > 0) throw errors[0];
}

async function prepareFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const names = await readdir(dir);
  if (names.length > 0 && !names.includes(MARKER))
    throw new ModelOpsError('CONFLICT', `${dir} is not empty, and not an earlier download`, { hint: 'choose another folder' });
  if (names.length === 0) await writeFile(join(dir, MARKER), '{"schema_version":1}\n');
}

/** Names of the packs that have results of the job. */
async function packsOf(job: Job, { provenance }: Pick<Stores, 'provenance'>): Promise<{ packs: Set<string>; missing: number }> {
  const packs = new Set<string>();
  let missing = 0;
  for (let start = 0; start < job.tasks.count; start += BATCH) {
    const length = Math.min(BATCH, job.tasks.count - start);
    for (const row of await provenance.rows(
      job.sims,
      Array.from({ length }, (_, at) => job.tasks.idAt(start + at)),
    ))
      if (row === undefined) missing++;
      else packs.add(row.pack);
  }
  return { packs, missing };
}

/** All objects of the job: first files, then the indexes that commit packs. */
async function wantedOf(job: Job, packs: ReadonlySet<string>, { objects, cached }: Stores): Promise<readonly [Wanted[], Wanted[]]> {
  const [files, indexes]: [Wanted[], Wanted[]] = [[], []];
  const losses = await lossesDigest(objects, job.id);
  for (const prefix of [keys.job(job.id), keys.results(job.id)])
    for await (const { key, size } of objects.list(prefix))
      if (!/\/(claims|caution|done)\//.test(key)) files.push({ key, size, isSound: soundRecord(key, losses) });
  for (const address of [job.sims, ...job.spec.binding.targets.map(({ name }) => job.aggs(name))]) {
    const prefix = packPrefix(address);
    for await (const info of objects.list(prefix)) {
      const [pack, file] = info.key.slice(prefix.length).split('/') as [string, string | undefined];
      if (file === undefined || (address.kind === 'sims' && !packs.has(pack))) continue;
      if (file === INDEX) indexes.push({ ...info, isSound: isSealed });
      else files.push({ ...info, isSound: await soundOutput(`${prefix}${pack}`, file, cached) });
    }
  }
  return [files, indexes];
}

function soundRecord(key: string, losses: string | undefined): Wanted['isSound'] {
  if (key.endsWith('/losses.parquet') && losses !== undefined) return (bytes) => digestOf(bytes) === losses;
  return key.endsWith('.parquet') ? isSealed : () => true;
}

async function soundOutput(folder: string, file: string, objects: ObjectStore): Promise<Wanted['isSound']> {
  const summary = await readPackSummary(objects, folder);
  const digest = isOpen(summary) ? summary.outputs.get(file.replace(/\.parquet$/, '')) : undefined;
  return digest === undefined ? () => true : (bytes) => sha256Hex(bytes) === digest;
}

/** Records that change (`state.json`) are copied each time. */
async function isThere(target: ObjectStore, { key, size, isSound }: Wanted): Promise<boolean> {
  if (key.endsWith('.json') || (await target.head(key))?.size !== size) return false;
  const held = await target.get(key);
  return held !== undefined && isSound(held.bytes);
}

async function readSound(objects: ObjectStore, { key, isSound }: Wanted): Promise<Uint8Array> {
  for (let read = 1; ; read++) {
    const object = await getBounded(objects, key, MAX_BYTES.output);
    if (object !== undefined && isSound(object.bytes)) return object.bytes;
    if (object === undefined)
      throw new ModelOpsError('STORE_UNREACHABLE', `${key} was deleted while the job was downloaded`, { hint: 'run it again' });
    if (read === MOST_READS)
      throw new ModelOpsError('STORE_CORRUPT', `${key} has changed since it was written`, {
        hint: 'list the damaged objects: mops store check',
      });
  }
}
