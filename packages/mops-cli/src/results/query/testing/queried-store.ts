import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleEnvironment } from '@modelops/contracts';
import { openObjectStore } from '@modelops/store';
import { createWorld } from '../../testing/world.ts';
import { type QueryOptions, runQuery } from '../run-query.ts';

export const limits: QueryOptions = { rows: 1000, seconds: 60, signal: new AbortController().signal };
export const filesOf = async (dir: string) => (await readdir(dir, { recursive: true })).sort();

/** A store with a job of 3 sets × 2 replicates and its losses, in a folder with `outside.csv`, a file that no query may read. */
export async function createQueriedStore() {
  const root = await mkdtemp(join(tmpdir(), 'modelops-query-'));
  const path = join(root, 'store');
  await mkdir(path);
  const outside = join(root, 'outside.csv');
  await writeFile(outside, 'secret\n1\n');
  const world = createWorld(await openObjectStore({ provider: 'fs', path }));
  const job = await world.register({ sets: [{ beta: 1 }, { beta: 2 }, { beta: 3 }], replicates: 2, targets: ['fit'] });
  await world.compute(job, [0, 1, 2, 3, 4, 5]);
  await world.index(job, (set) => 3 - set);
  await symlink(outside, join(path, 'results', 'link.csv'));
  const environment = { environment: 'test', storage: { provider: 'fs', path } } as BundleEnvironment;
  const opened: Parameters<typeof runQuery>[1] = { stores: world.stores, environment, cacheDir: join(root, 'cache') };
  const run = (sql: string, options: Partial<QueryOptions> = {}) => runQuery(sql, opened, { ...limits, ...options });
  return { root, outside, opened, run, before: await filesOf(root), remove: () => rm(root, { recursive: true, force: true }) };
}
