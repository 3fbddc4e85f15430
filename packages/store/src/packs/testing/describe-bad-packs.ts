import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../objects/object-store.ts';
import { writeEviction } from '../catalogue/removal.ts';
import { createProvenanceStore } from '../provenance-store.ts';
import { ADDRESS, corrupt, fileOf, idOf, infectedOf, NOW, nameAt, type OpenPacks, okPack } from './packs.ts';

/** Changed bits and missing files are detected; other packs are not affected. */
export function describeBadPacks(open: OpenPacks): void {
  describe('a bad pack', () => {
    it('is quarantined and reported if a byte of an output has changed, and its tasks are missing', async () => {
      const { objects, store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0, 1]));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
      await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
      const reader = again();
      expect(await infectedOf(reader, [0, 1, 2])).toEqual({ infected: [2], missing: [idOf(0), idOf(1)] });
      expect(bad).toEqual([{ pack: fileOf(nameAt(2), '').slice(0, -1), reason: expect.stringContaining('prevalence.parquet') }]);
      const existing = await reader.existing(ADDRESS);
      expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([false, false, true]);
      const quarantined: string[] = [];
      for await (const { key } of objects.list('quarantine/')) quarantined.push(key);
      expect(quarantined).toEqual(['_index.parquet', 'prevalence.parquet'].map((file) => `quarantine/${fileOf(nameAt(2), file)}`));
      expect(await objects.head(fileOf(nameAt(2), '_index.parquet'))).toBeUndefined();
    });

    it('is replaced by another pack that has its tasks', async () => {
      const { objects, store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0], 1000));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0], 2000));
      await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
      const reader = again();
      expect(await infectedOf(reader, [0])).toEqual({ infected: [2000], missing: [] });
    });

    it('is quarantined if its output is missing', async () => {
      const { objects, store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
      await objects.delete(fileOf(nameAt(1), 'prevalence.parquet'));
      expect(await infectedOf(again(), [0])).toEqual({ infected: [], missing: [idOf(0)] });
      expect(bad).toMatchObject([{ reason: expect.stringContaining('missing') }]);
    });

    it('is found by a listing if its output is missing, also by a reader that had loaded it, at the next validation', async () => {
      const { objects, store, bad, again } = await open();
      for (const [at, hours] of [3, 2, 1].entries()) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [at]));
      await objects.delete(fileOf(nameAt(2), 'prevalence.parquet'));
      const presentIn = async (reader: typeof store) => {
        const existing = await reader.existing(ADDRESS, { relist: true });
        return [0, 1, 2].map((task) => existing.has(idOf(task)));
      };
      expect(await presentIn(store)).toEqual([true, false, true]);
      expect(await presentIn(again())).toEqual([true, false, true]);
      expect(bad).toEqual([{ pack: fileOf(nameAt(2), '').slice(0, -1), reason: 'prevalence.parquet is missing' }]);
      expect(await objects.head(`quarantine/${fileOf(nameAt(2), '_index.parquet')}`)).toBeDefined();
    });

    it('is not an evicted pack, for new readers and for those that had loaded it', async () => {
      const { objects, store, bad, again } = await open();
      for (const [at, hours] of [2, 1].entries()) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [at]));
      await writeEviction(objects, fileOf(nameAt(2), '').slice(0, -1), { at: '2026-03-01T12:00:00Z', files: [] });
      await objects.delete(fileOf(nameAt(2), 'prevalence.parquet'));
      for (const reader of [store, again()]) {
        expect((await reader.existing(ADDRESS, { relist: true })).size).toBe(2);
        expect((await reader.readOutput(ADDRESS, [idOf(0)], 'prevalence')).evicted).toEqual([idOf(0)]);
      }
      expect(bad).toEqual([]);
    });

    it('is not a pack that is written or evicted while its files are listed', async () => {
      const { objects, store, bad } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0]));
      const folder = fileOf(nameAt(2), '').slice(0, -1);
      /** A store whose first listing of the address lacks the output of the pack; `meanwhile` runs after it. */
      const late = (meanwhile?: () => Promise<void>): ObjectStore => {
        let listings = 0;
        return {
          ...objects,
          async *list(prefix, options) {
            const isFirst = listings++ === 0;
            for await (const info of objects.list(prefix, options)) if (!isFirst || !info.key.startsWith(`${folder}/p`)) yield info;
            if (isFirst) await meanwhile?.();
          },
        };
      };
      const seenThrough = async (through: ObjectStore) => {
        const reader = createProvenanceStore(through, { now: () => NOW, onBadPack: (pack) => bad.push(pack) });
        return (await reader.existing(ADDRESS)).size;
      };
      expect(await seenThrough(late())).toBe(1);
      const evict = async () => {
        await writeEviction(objects, folder, { at: '2026-03-01T12:00:00Z', files: [] });
        await objects.delete(`${folder}/prevalence.parquet`);
      };
      expect(await seenThrough(late(evict))).toBe(1);
      expect(bad).toEqual([]);
    });

    it('is ruled out by one listing and one read per index, and at the next validation by one listing', async () => {
      const { objects, store } = await open();
      for (const hours of [5, 4, 3, 2, 1]) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [hours]));
      const requests = { list: 0, get: 0, head: 0 };
      const counting: ObjectStore = {
        ...objects,
        list(prefix, options) {
          requests.list++;
          return objects.list(prefix, options);
        },
        get(key, range) {
          requests.get++;
          return objects.get(key, range);
        },
        head(key) {
          requests.head++;
          return objects.head(key);
        },
      };
      const reader = createProvenanceStore(counting, { now: () => NOW });
      await reader.existing(ADDRESS);
      expect(requests).toEqual({ list: 1, get: 5, head: 0 });
      await reader.existing(ADDRESS, { relist: true });
      expect(requests).toEqual({ list: 2, get: 5, head: 0 });
    });

    it('is found by any changed bit of its index', async () => {
      const { objects, store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
      const key = fileOf(nameAt(1), '_index.parquet');
      const { bytes } = (await objects.get(key))!;
      const [output] = [await objects.get(fileOf(nameAt(1), 'prevalence.parquet'))];
      for (let at = 0; at < bytes.length; at += 173) {
        const changed = bytes.slice();
        changed[at]! ^= 1 << (at % 8);
        await objects.put(key, changed);
        await objects.put(fileOf(nameAt(1), 'prevalence.parquet'), output!.bytes);
        const reader = again();
        expect((await reader.existing(ADDRESS)).size).toBe(0);
        expect(await infectedOf(reader, [0])).toEqual({ infected: [], missing: [idOf(0)] });
        expect(bad.splice(0)).toMatchObject([{ reason: expect.stringContaining('index') }]);
      }
    });

    it('that another process deleted is replaced by a duplicate, else its tasks are missing; it is never bad', async () => {
      const { objects, store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0], 1000));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0], 2000));
      const reader = again();
      await reader.existing(ADDRESS);
      for (const file of ['_index.parquet', 'prevalence.parquet']) await objects.delete(fileOf(nameAt(2), file));
      expect(await infectedOf(reader, [0])).toEqual({ infected: [2000], missing: [] });
      for (const file of ['_index.parquet', 'prevalence.parquet']) await objects.delete(fileOf(nameAt(1), file));
      expect(await infectedOf(again(), [0])).toEqual({ infected: [], missing: [idOf(0)] });
      expect(bad).toEqual([]);
    });

    it('that another process deleted no longer counts once all names are listed again', async () => {
      const { objects, store, again } = await open();
      for (const [at, hours] of [2, 1].entries()) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [at]));
      const reader = again();
      await reader.existing(ADDRESS);
      await objects.delete(fileOf(nameAt(2), '_index.parquet'));
      const existing = await reader.existing(ADDRESS, { relist: true });
      expect([0, 1].map((task) => existing.has(idOf(task)))).toEqual([false, true]);
      expect(await reader.packs(ADDRESS)).toEqual([nameAt(1)]);
    });

    it('with an unreadable index does not hide other packs', async () => {
      const { objects, store, bad, again } = await open();
      for (const [at, hours] of [9, 8, 7].entries()) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [at]));
      await objects.put(fileOf(nameAt(8), '_index.parquet'), new TextEncoder().encode('no parquet'));
      const reader = again();
      const existing = await reader.existing(ADDRESS);
      expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([true, false, true]);
      expect(await reader.packs(ADDRESS)).toEqual([nameAt(9), nameAt(7)]);
      expect(bad).toHaveLength(1);
    });
  });
}
