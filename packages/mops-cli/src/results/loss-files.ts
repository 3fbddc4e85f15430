import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, isModelOpsError, type JobId, keys, ModelOpsError } from '@modelops/contracts';
import { trimFolder } from '@modelops/store';
import { writeFileAtomically } from '@modelops/system';
import type { OpenEnvironment } from '../deps.ts';
import type { BestLosses, BestOptions } from './best-losses.ts';
import { summarisedBest } from './summarised-best.ts';
import { jobsWithResults, lossesDigest, readLosses } from './verified-losses.ts';

/** Maximum size of the losses cached on this machine, bytes. */
const KEPT_LOSSES = 2 ** 30;

/** The losses of jobs as Parquet files on this machine. */
export interface LossFiles {
  /** Undefined if the job has none yet. @throws STORE_CORRUPT */
  of(job: JobId): Promise<string | undefined>;
  /** Of all jobs; damaged losses are reported and omitted. */
  all(): Promise<string[]>;
  /** See {@link summarisedBest}. */
  summarisedBest(job: JobId | undefined, options: BestOptions): Promise<BestLosses | undefined>;
}

/**
 * Opens the losses of a store. They are checked against their manifest before any library reads them. Those of a folder store are read in
 * place; others are downloaded once per version.
 */
export async function openLossFiles(
  { stores, environment: { storage }, cacheDir }: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>,
  onUnreadable: (problem: string) => void = () => undefined,
): Promise<LossFiles> {
  const { objects } = stores;
  const dir = join(cacheDir, 'results');
  await trimFolder(dir, KEPT_LOSSES); // before any file of it is read
  const fileOf = (job: JobId, digest: string) => join(dir, `${job}-${digest.slice('sha256:'.length)}.parquet`);
  const of = async (job: JobId): Promise<string | undefined> => {
    if (storage.provider === 'fs') {
      const losses = await readLosses(objects, job);
      return losses && join(storage.path!, `${keys.results(job)}losses.parquet`);
    }
    const known = await lossesDigest(objects, job);
    if (known === undefined) return undefined;
    const held = fileOf(job, known);
    if (await hasDigest(held, known)) return held;
    const losses = await readLosses(objects, job);
    if (losses === undefined) return undefined;
    await writeFileAtomically(fileOf(job, losses.digest), losses.bytes, { sync: false });
    return fileOf(job, losses.digest);
  };
  const all = async (): Promise<string[]> => {
    const files: string[] = [];
    for await (const job of jobsWithResults(objects)) {
      try {
        const file = await of(job);
        if (file !== undefined) files.push(file);
      } catch (error) {
        if (!isModelOpsError(error, 'STORE_CORRUPT')) throw error;
        onUnreadable(error.message);
      }
    }
    return files;
  };
  return { of, all, summarisedBest: (job, options) => summarisedBest(objects, job, options) };
}

/** The files with the losses of a job; undefined: of all jobs. @throws RESULT_NOT_FOUND if the job has none yet; STORE_CORRUPT */
export async function pathsOfLosses(losses: LossFiles, job: JobId | undefined): Promise<readonly string[]> {
  if (job === undefined) return losses.all();
  const file = await losses.of(job);
  if (file === undefined) throw new ModelOpsError('RESULT_NOT_FOUND', `${job} has no results yet`, { hint: `mops jobs status ${job}` });
  return [file];
}

async function hasDigest(file: string, digest: string): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined); // absent: download it
  return bytes !== undefined && digestOf(bytes) === digest;
}
