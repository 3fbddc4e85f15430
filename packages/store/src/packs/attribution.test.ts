import { sha256Hex, type TaskId } from '@modelops/contracts';
import { expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import { type AttributionRow, readAttribution, writeAttribution } from './attribution.ts';

it('gives back the rows of every file under a prefix', async () => {
  const objects = createMemoryObjectStore();
  const rows: AttributionRow[] = [0, 1, 2, 3].map((at) => ({
    task_id: sha256Hex(`${at}`) as TaskId,
    source: at % 2 === 0 ? 'computed' : 'reused',
  }));
  await writeAttribution(objects, 'jobs/job-1/attribution/1/000000.parquet', rows.slice(0, 3));
  await writeAttribution(objects, 'jobs/job-1/attribution/1/000001.parquet', rows.slice(3));
  await writeAttribution(objects, 'jobs/job-1/attribution/1/000002.parquet', []);
  const found: AttributionRow[] = [];
  for await (const row of readAttribution(objects, 'jobs/job-1/attribution/')) found.push(row);
  expect(found).toEqual(rows);
});
