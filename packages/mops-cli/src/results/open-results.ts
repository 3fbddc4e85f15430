import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobId, keys, ModelOpsError } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';
import { createResultClient } from './result-client.ts';
import type { ResultClient } from './results.ts';

/** Answers from the losses of an environment. Files of a folder store are read in place; others are brought here, once a version. */
export async function openResults({
  stores: { objects },
  environment: { storage },
  cacheDir,
}: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>): Promise<ResultClient> {
  const fetch = async (key: string, etag: string): Promise<string> => {
    if (storage.provider === 'fs') return join(storage.path!, key);
    const file = join(cacheDir, 'results', `${key.split('/')[1]}-${etag.replace(/[^A-Za-z0-9]/g, '')}.parquet`);
    const object = await objects.get(key);
    if (object === undefined) throw new ModelOpsError('RESULT_NOT_FOUND', `${key} is gone`);
    await mkdir(join(cacheDir, 'results'), { recursive: true });
    await writeFile(`${file}.${process.pid}`, object.bytes);
    await rename(`${file}.${process.pid}`, file);
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
  return createResultClient({ lossesOf, allLosses });
}
