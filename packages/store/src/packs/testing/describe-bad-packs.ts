import { describe, expect, it } from 'vitest';
import { ADDRESS, corrupt, fileOf, idOf, infectedOf, nameAt, type OpenPacks, okPack } from './packs.ts';

/** No bit that changed and no file that vanished is believed; nothing around it is lost. */
export function describeBadPacks(open: OpenPacks): void {
  describe('a bad pack', () => {
    it('is set aside and reported when a byte of an output changed, its tasks missing', async () => {
      const { objects, store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0, 1]));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
      await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
      const reader = again();
      expect(await infectedOf(reader, [0, 1, 2])).toEqual({ infected: [2], missing: [idOf(0), idOf(1)] });
      expect(bad).toEqual([{ pack: fileOf(nameAt(2), '').slice(0, -1), reason: expect.stringContaining('prevalence.parquet') }]);
      const existing = await reader.existing(ADDRESS);
      expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([false, false, true]);
      const aside: string[] = [];
      for await (const { key } of objects.list('quarantine/')) aside.push(key);
      expect(aside).toEqual(['_index.parquet', 'prevalence.parquet'].map((file) => `quarantine/${fileOf(nameAt(2), file)}`));
      expect(await objects.head(fileOf(nameAt(2), '_index.parquet'))).toBeUndefined();
    });

    it('leaves a duplicate of its tasks to be read in its place', async () => {
      const { objects, store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0], 1000));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0], 2000));
      await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
      const reader = again();
      expect(await infectedOf(reader, [0])).toEqual({ infected: [2000], missing: [] });
    });

    it('is set aside when its output is gone', async () => {
      const { objects, store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
      await objects.delete(fileOf(nameAt(1), 'prevalence.parquet'));
      expect(await infectedOf(again(), [0])).toEqual({ infected: [], missing: [idOf(0)] });
      expect(bad).toMatchObject([{ reason: expect.stringContaining('missing') }]);
    });

    it('is found by any one bit of its index', async () => {
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

    it('that another process took away meanwhile is looked for elsewhere, then missing, never bad', async () => {
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

    it('that another process took away no longer counts once all names are listed again', async () => {
      const { objects, store, again } = await open();
      for (const [at, hours] of [2, 1].entries()) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [at]));
      const reader = again();
      await reader.existing(ADDRESS);
      await objects.delete(fileOf(nameAt(2), '_index.parquet'));
      const existing = await reader.existing(ADDRESS, { relist: true });
      expect([0, 1].map((task) => existing.has(idOf(task)))).toEqual([false, true]);
      expect(await reader.packs(ADDRESS)).toEqual([nameAt(1)]);
    });

    it('hides none of the packs around it when its index cannot be read', async () => {
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
