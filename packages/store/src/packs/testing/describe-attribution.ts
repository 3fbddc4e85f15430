import { sha256Hex, type TaskId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { type AttributionRow, readAttribution, writeAttribution } from '../attribution.ts';
import { corrupt, type OpenPacks } from './packs.ts';

const rows: readonly AttributionRow[] = [0, 1, 2, 3].map((at) => ({
  task_id: sha256Hex(`${at}`) as TaskId,
  source: at % 2 === 0 ? 'computed' : 'reused',
}));
const keyAt = (chunk: number) => `jobs/job-1/attribution/1/00000${chunk}.parquet`;

/** The tasks that a job requested are read back, and changed bytes are detected. */
export function describeAttribution(open: OpenPacks): void {
  describe('attribution', () => {
    it('returns the rows of every file under a prefix', async () => {
      const { objects } = await open();
      await writeAttribution(objects, keyAt(0), rows.slice(0, 3));
      await writeAttribution(objects, keyAt(1), rows.slice(3));
      await writeAttribution(objects, keyAt(2), []);
      const found: AttributionRow[] = [];
      for await (const row of readAttribution(objects, 'jobs/job-1/attribution/')) found.push(row);
      expect(found).toEqual(rows);
    });

    it('is refused if a bit has changed', async () => {
      const { objects } = await open();
      await writeAttribution(objects, keyAt(0), rows);
      await corrupt(objects, keyAt(0));
      await expect(readAttribution(objects, 'jobs/')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    });
  });
}
