import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProvenanceStore } from '../provenance-store.ts';
import { ADDRESS, failed, fileOf, HOUR, idOf, infectedOf, NOW, nameAt, type OpenPacks, okPack, openPacks, packOf, row } from './packs.ts';

/** Written simulations are read back, counted once, and exist only with their index. */
export function describeSimulations(open: OpenPacks): void {
  describe('simulations', () => {
    it('returns an output of any tasks in their order, with every type of column', async () => {
      const { store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0, 1, 2]));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [3, 4]));
      for (const reader of [store, again()]) {
        const { table, missing } = await reader.readOutput(ADDRESS, [4, 99, 2, 0].map(idOf), 'prevalence');
        expect(missing).toEqual([idOf(99)]);
        expect(table.rows).toEqual(Int32Array.of(2, 3, 1));
        expect(table.columns).toEqual([
          { name: 'day', values: Int32Array.of(0, 1, 0, 1, 2, 0) },
          { name: 'infected', values: Float64Array.of(4, 4, 2, 2, 2, 0) },
          { name: 'count', values: BigInt64Array.from([4n, 4n, 2n, 2n, 2n, 0n], (task) => -(2n ** 62n) - task) },
          { name: 'place', values: ['ort-4-é0', 'ort-4-é1', 'ort-2-é0', 'ort-2-é1', 'ort-2-é2', 'ort-0-é0'] },
          { name: 'isPeak', values: [true, false, true, false, true, true] },
        ]);
      }
    });

    it('returns any tables that were written', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.record({ x: fc.double(), s: fc.string(), b: fc.boolean() }), { maxLength: 4 }), { minLength: 1 }),
          async (tasks) => {
            const { store, again } = await open();
            const all = tasks.flat();
            const columns = [
              { name: 'x', values: Float64Array.from(all, ({ x }) => x) },
              { name: 's', values: all.map(({ s }) => s) },
              ...(all.length === 0 ? [] : [{ name: 'b', values: all.map(({ b }) => b) }]),
            ];
            const table = { rows: Int32Array.from(tasks, ({ length }) => length), columns };
            await store.writeSimulations(ADDRESS, {
              name: nameAt(0),
              simulations: tasks.map((_, at) => row(at)),
              outputs: { table },
              job_id: 'job-a',
              worker: 'w',
            });
            const read = await again().readOutput(
              ADDRESS,
              tasks.map((_, at) => idOf(at)),
              'table',
            );
            expect(read).toEqual({ table, missing: [], evicted: [] });
          },
        ),
        { numRuns: 30 },
      ));

    it('reports existing tasks across processes and as packs are added', async () => {
      const { store, again } = await open();
      const other = again();
      expect((await other.existing(ADDRESS)).size).toBe(0);
      await store.writeSimulations(ADDRESS, okPack(nameAt(0, 0.1), [0, 1]));
      const found = await other.existing(ADDRESS);
      expect([0, 1, 2].map((task) => found.has(idOf(task)))).toEqual([true, true, false]);
      await store.writeSimulations(ADDRESS, okPack(nameAt(0, 0.2), [2]));
      expect((await other.existing(ADDRESS)).has(idOf(2))).toBe(true);
      expect(await other.packs(ADDRESS)).toEqual([nameAt(0, 0.1), nameAt(0, 0.2)]);
    });

    it('finds a pack that was committed long after its name was made only when all names are listed again', async () => {
      const { store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(0), [0]));
      const other = again();
      await other.existing(ADDRESS);
      await store.writeSimulations(ADDRESS, okPack(nameAt(5), [1]));
      expect((await other.existing(ADDRESS)).has(idOf(1))).toBe(false);
      expect((await other.existing(ADDRESS, { relist: true })).has(idOf(1))).toBe(true);
    });

    it('finds all names since ten minutes before its last listing, however long ago that was', async () => {
      const { objects, store } = await open();
      let now = NOW - 5 * HOUR;
      const reader = createProvenanceStore(objects, { now: () => now });
      await reader.existing(ADDRESS);
      await store.writeSimulations(ADDRESS, okPack(nameAt(4), [0]));
      now = NOW;
      expect((await reader.existing(ADDRESS)).has(idOf(0))).toBe(true);
    });

    it('reads packs of other processes from before its own first pack', async () => {
      const { store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(5), [0]));
      const other = again();
      await other.writeSimulations(ADDRESS, okPack(nameAt(0), [1]));
      expect((await other.existing(ADDRESS)).size).toBe(2);
    });

    it('requests only new indexes, and once for two concurrent callers', async () => {
      const { objects } = await open();
      const requested: string[] = [];
      const listed: (string | undefined)[] = [];
      const { store, again } = openPacks({
        ...objects,
        get: (key, ...rest) => {
          requested.push(key);
          return objects.get(key, ...rest);
        },
        list: (prefix, options) => {
          listed.push(options?.startAfter);
          return objects.list(prefix, options);
        },
      });
      const names = [nameAt(3), nameAt(2), nameAt(0, 0.1), nameAt(0, 0.2)];
      for (const [at, name] of names.slice(0, 3).entries()) await store.writeSimulations(ADDRESS, okPack(name, [at]));
      const reader = again();
      await Promise.all([reader.existing(ADDRESS), reader.existing(ADDRESS)]);
      expect(requested.splice(0)).toEqual(names.slice(0, 3).map((name) => fileOf(name, '_index.parquet')));
      await store.writeSimulations(ADDRESS, okPack(names[3]!, [3]));
      listed.splice(0);
      expect((await reader.existing(ADDRESS)).size).toBe(4);
      expect(requested).toEqual([fileOf(names[3]!, '_index.parquet')]);
      expect(listed).toHaveLength(1);
      expect(listed[0]! > fileOf(names[1]!, '~') && listed[0]! < fileOf(names[2]!, '')).toBe(true);
    });

    it('ignores a pack without an index', async () => {
      const { objects, store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
      await objects.delete(fileOf(nameAt(1), '_index.parquet'));
      const other = again();
      expect((await other.existing(ADDRESS)).size).toBe(0);
      expect(await other.packs(ADDRESS)).toEqual([]);
      expect(await infectedOf(other, [0])).toEqual({ infected: [], missing: [idOf(0)] });
    });

    it('writes the index last', async () => {
      const { objects } = await open();
      const written: string[] = [];
      const { store } = openPacks({
        ...objects,
        put: (key, ...rest) => {
          written.push(key);
          return objects.put(key, ...rest);
        },
      });
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
      expect(written).toEqual([fileOf(nameAt(1), 'prevalence.parquet'), fileOf(nameAt(1), '_index.parquet')]);
    });

    it('does not count failures as results, and returns the latest failure of each task', async () => {
      const { store, again } = await open();
      await store.writeSimulations(ADDRESS, packOf(nameAt(3), [row(0), failed(1, '"first"'), failed(2)], [0, 1, 2]));
      await store.writeSimulations(ADDRESS, packOf(nameAt(2), [failed(1, '"second"')], [1]));
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
      for (const reader of [store, again()]) {
        const existing = await reader.existing(ADDRESS);
        expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([true, false, true]);
        expect(await reader.failures(ADDRESS)).toEqual([{ ...failed(1, '"second"'), pack: nameAt(2), job_id: 'job-a' }]);
        expect(await infectedOf(reader, [0, 1, 2])).toEqual({ infected: [0, 2], missing: [idOf(1)] });
      }
    });

    it('prefers the lowest name among duplicates, in any order of writing', async () => {
      const { store, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [5], 1000));
      await store.writeSimulations(ADDRESS, okPack(nameAt(2), [5, 6], 2000));
      for (const reader of [store, again()]) {
        expect(await infectedOf(reader, [5])).toEqual({ infected: [2005], missing: [] });
        expect((await reader.existing(ADDRESS, { relist: true })).size).toBe(2);
      }
    });

    it('returns no columns for an output that has none', async () => {
      const { store, bad } = await open();
      const pack = okPack(nameAt(1), [0]);
      await store.writeSimulations(ADDRESS, { ...pack, outputs: { ...pack.outputs, nothing: { rows: Int32Array.of(0), columns: [] } } });
      const read = await store.readOutput(ADDRESS, [idOf(0)], 'nothing');
      expect(read).toMatchObject({ table: { rows: Int32Array.of(0), columns: [] }, missing: [] });
      expect(bad).toEqual([]);
    });

    it('reports an output that a pack never had as missing, and the pack as good', async () => {
      const { store, bad, again } = await open();
      await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
      const read = await again().readOutput(ADDRESS, [idOf(0)], 'prevalance');
      expect(read).toMatchObject({ missing: [idOf(0)], evicted: [] });
      expect(bad).toEqual([]);
      expect((await again().existing(ADDRESS)).size).toBe(1);
    });

    it('refuses an output column with a reserved name', async () => {
      const { store } = await open();
      const outputs = { table: { rows: Int32Array.of(1), columns: [{ name: 'seed', values: Int32Array.of(1) }] } };
      const pack = { name: nameAt(1), simulations: [row(0)], outputs, job_id: 'j', worker: 'w' };
      await expect(store.writeSimulations(ADDRESS, pack)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    });

    it('refuses outputs that would overwrite the index or misalign rows, and writes nothing', async () => {
      const { objects, store } = await open();
      const pack = okPack(nameAt(1), [0]);
      const values = new Float64Array(2);
      for (const outputs of [
        { _index: pack.outputs.prevalence! },
        { table: { rows: Int32Array.of(1), columns: [{ name: 'x', values }] } },
        { good: pack.outputs.prevalence!, twice: { rows: Int32Array.of(2), columns: [0, 1].map(() => ({ name: 'x', values })) } },
      ])
        await expect(store.writeSimulations(ADDRESS, { ...pack, outputs })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
      for await (const { key } of objects.list('')) expect.fail(key);
    });

    it('writes the same bytes for the same pack', async () => {
      const [first, second] = [await open(), await open()];
      for (const { store } of [first, second]) await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0, 1, 2]));
      for (const file of ['prevalence.parquet', '_index.parquet']) {
        const [a, b] = [await first.objects.get(fileOf(nameAt(1), file)), await second.objects.get(fileOf(nameAt(1), file))];
        expect(Buffer.compare(a!.bytes, b!.bytes)).toBe(0);
      }
    });
  });
}
