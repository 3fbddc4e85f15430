import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobId, keys, ModelOpsError, sha256Hex } from '@modelops/contracts';
import { trimFolder } from '@modelops/store';
import { writeFileAtomically } from '@modelops/system';
import type { OpenEnvironment } from '../deps.ts';
import { jobsOf } from './jobs-of.ts';
import { resolveResult } from './resolve-result.ts';
import { createResultClient } from './result-client.ts';
import type { ResultClient } from './results.ts';

/** Losses of other stores that are kept on this machine, bytes. */
const KEPT_LOSSES = 2 ** 30;

/** Answers from the results of an environment. Losses of a folder store are read in place; others are brought here, once a version. */
export async function openResults({
  stores,
  environment: { storage },
  cacheDir,
}: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>): Promise<ResultClient> {
  const { objects } = stores;
  const dir = join(cacheDir, 'results');
  await trimFolder(dir, KEPT_LOSSES); // before any file of it is read
  const fetch = async (key: string, etag: string): Promise<string> => {
    if (storage.provider === 'fs') return join(storage.path!, key);
    const { account_url = '', connection_string = '', container = '' } = storage;
    const version = sha256Hex(JSON.stringify([account_url, connection_string, container, key, etag])).slice(0, 32);
    const file = join(dir, `${key.split('/')[1]}-${version}.parquet`);
    if (await isThere(file)) return file;
    const object = await objects.get(key);
    if (object === undefined) throw new ModelOpsError('RESULT_NOT_FOUND', `${key} is gone`);
    await writeFileAtomically(file, object.bytes, { sync: false });
    return file;
  };
  const lossesOf = async (job: JobId): Promise<string | undefined> => {
    const key = `${keys.results(job)}losses.parquet`;
    const head = await objects.head(key);
    return head === undefined ? undefined : fetch(key, head.etag);
  };
  const allLosses = async (): Promise<string[]> => {
    const files: string[] = [];
    for await (const { key, etag } of objects.list('results/')) if (key.endsWith('/losses.parquet')) files.push(await fetch(key, etag));
    return files;
  };
  return createResultClient({
    lossesOf,
    allLosses,
    jobsOf: async (result) => jobsOf((await resolveResult(result, stores.cached)).row, stores),
  });
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
