import { type AggregationId, type ParamId, sha256Hex } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import type { AggregationRow } from '../rows.ts';
import { nameAt, type OpenPacks, TARGETS } from './packs.ts';

/** Aggregations are packs that consist of an index only. */
export function describeAggregations(open: OpenPacks): void {
  describe('aggregations', () => {
    const aggregation = (name: string, change: Partial<AggregationRow> = {}): AggregationRow => ({
      aggregation_id: sha256Hex(name) as AggregationId,
      param_id: sha256Hex('param') as ParamId,
      target: 'prevalence',
      loss: 0.1 + 0.2,
      n_replicates: 20,
      diagnostics: '{"bias":-1}',
      computed_at: '2026-03-01T12:00:00.000Z',
      job_id: 'job-a',
      reason: null,
      ...change,
    });

    it('returns the rows, also those without a loss', async () => {
      const { store, again } = await open();
      const rows = [aggregation('a'), aggregation('b', { loss: null, n_replicates: 0, reason: 'too few replicates' })];
      await store.writeAggregations(TARGETS, { name: nameAt(1), rows });
      for (const reader of [store, again()]) expect([...(await reader.aggregations(TARGETS)).values()]).toEqual(rows);
    });

    it('count once: the lowest pack name wins, in any order of reading', async () => {
      const { store, again } = await open();
      const reader = again();
      await store.writeAggregations(TARGETS, { name: nameAt(0, 0.2), rows: [aggregation('a', { job_id: 'late' })] });
      expect((await reader.aggregations(TARGETS)).get(aggregation('a').aggregation_id)).toMatchObject({ job_id: 'late' });
      await store.writeAggregations(TARGETS, { name: nameAt(0, 0.1), rows: [aggregation('a', { job_id: 'early' })] });
      for (const one of [store, reader, again()])
        expect([...(await one.aggregations(TARGETS)).values()]).toEqual([aggregation('a', { job_id: 'early' })]);
    });
  });
}
