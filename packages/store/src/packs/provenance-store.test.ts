import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPrefix } from '@modelops/contracts';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import { openObjectStore } from '../objects/open-object-store.ts';
import { describeProvenanceStore } from './testing/describe-provenance-store.ts';
import { ADDRESS, failed, nameAt, okPack, openPacks, packOf, row } from './testing/packs.ts';

let azurite: RunningAzurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const folders: string[] = [];
const makeFolder = async () => {
  const root = await mkdtemp(join(tmpdir(), 'modelops-packs-'));
  folders.push(root);
  return root;
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describeProvenanceStore('memory', async () => createMemoryObjectStore());
describeProvenanceStore('files', async () => createFsObjectStore(await makeFolder()));
describeProvenanceStore('Azure blobs', () =>
  openObjectStore({ provider: 'azure', container: `c-${randomUUID()}`, connection_string: azurite.connectionString }),
);

describe('DuckDB', () => {
  it('reads the outputs of all packs in one query', async () => {
    const root = await makeFolder();
    const { store } = openPacks(createFsObjectStore(root));
    await store.writeSimulations(ADDRESS, packOf(nameAt(2), [row(0), row(1), failed(2)], [0, 1, 2]));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [5]));
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
      const files = `${root}/${packPrefix(ADDRESS)}*/prevalence.parquet`;
      expect(
        await query(`
          SELECT seed, param_id, count(*) AS n, sum(infected) AS infected, min(count) AS count, max(place) AS place, bool_or("isPeak") AS peak
          FROM '${files}' GROUP BY seed, param_id ORDER BY seed DESC`),
      ).toEqual(
        [0, 1, 5].map((task) => ({
          seed: row(task).seed,
          param_id: row(task).param_id,
          n: BigInt((task % 3) + 1),
          infected: task * ((task % 3) + 1),
          count: -(2n ** 62n) - BigInt(task),
          place: `ort-${task}-é${task % 3}`,
          peak: true,
        })),
      );
      const index = `${root}/${packPrefix(ADDRESS)}*/_index.parquet`;
      expect(await query(`SELECT status, count(*) AS n FROM '${index}' GROUP BY status ORDER BY status`)).toEqual([
        { status: 'failed', n: 1n },
        { status: 'ok', n: 3n },
      ]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
});
