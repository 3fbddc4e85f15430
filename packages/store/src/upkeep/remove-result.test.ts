import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { writeEviction } from '../packs/catalogue/removal.ts';
import { createProvenanceStore } from '../packs/provenance-store.ts';
import { missedOnce } from '../packs/testing/missed-once.ts';
import { ADDRESS, failed, fileOf, idOf, infectedOf, keysUnder, NOW, nameAt, okPack, packOf, row } from '../packs/testing/packs.ts';
import { checkStore } from './check-store.ts';
import { removeResult } from './remove-result.ts';
import { dyingAfter } from './testing/dying-store.ts';

const options = { isDryRun: false, now: () => NOW, random: Math.random };
const tasksIn = async (objects: ObjectStore, count = 10) => {
  const existing = await createProvenanceStore(objects).existing(ADDRESS);
  return Array.from({ length: count }, (_, task) => task).filter((task) => existing.has(idOf(task)));
};

async function storeOf(...packs: readonly (readonly number[])[]): Promise<ObjectStore> {
  const objects = createMemoryObjectStore();
  for (const [at, tasks] of packs.entries())
    await createProvenanceStore(objects).writeSimulations(ADDRESS, okPack(nameAt(packs.length - at), tasks));
  return objects;
}

describe('removeResult', () => {
  it('removes one task and does not change other values', async () => {
    const objects = await storeOf([0, 1, 2], [3, 4]);
    const others = [0, 2, 3, 4];
    const before = await createProvenanceStore(objects).readOutput(ADDRESS, others.map(idOf), 'prevalence');
    expect(await removeResult(objects, ADDRESS, idOf(1), options)).toMatchObject({ replaced: [nameAt(2)], written: [expect.any(String)] });
    expect(await tasksIn(objects)).toEqual(others);
    expect(await createProvenanceStore(objects).readOutput(ADDRESS, others.map(idOf), 'prevalence')).toEqual(before);
    expect((await checkStore(objects)).problems).toEqual([]);
  });

  it('removes it from every pack that has it, and its failures with it', async () => {
    const objects = await storeOf([0, 1], [1, 2], [1]);
    await createProvenanceStore(objects).writeSimulations(ADDRESS, packOf(nameAt(0), [failed(1), row(3)], [1, 3]));
    const { replaced, written } = await removeResult(objects, ADDRESS, idOf(1), options);
    expect([replaced.length, written.length]).toEqual([4, 3]);
    expect(await tasksIn(objects)).toEqual([0, 2, 3]);
    expect(await createProvenanceStore(objects).failures(ADDRESS)).toEqual([]);
  });

  it('removes it from a pack that was replaced while the packs were listed', async () => {
    const objects = await storeOf([0, 1]);
    expect(await removeResult(missedOnce(objects), ADDRESS, idOf(1), options)).toMatchObject({ replaced: [nameAt(1)] });
    expect(await tasksIn(objects)).toEqual([0]);
  });

  it('removes it from an evicted pack too, and the others of that pack stay evicted', async () => {
    const objects = await storeOf([0, 1, 2], [5]);
    for (const pack of [nameAt(2), nameAt(1)]) {
      await writeEviction(objects, fileOf(pack, '').slice(0, -1), { at: '2026-03-01', files: [{ name: 'prevalence.parquet', size: 1 }] });
      await objects.delete(fileOf(pack, 'prevalence.parquet'));
    }
    const others = [0, 2];
    const before = await createProvenanceStore(objects).rows(ADDRESS, others.map(idOf));
    expect(await removeResult(objects, ADDRESS, idOf(1), options)).toMatchObject({ replaced: [nameAt(2)], written: [expect.any(String)] });
    expect(await removeResult(objects, ADDRESS, idOf(5), options)).toEqual({ replaced: [nameAt(1)], written: [] });
    const reader = createProvenanceStore(objects);
    expect(await tasksIn(objects)).toEqual(others);
    expect((await reader.readOutput(ADDRESS, others.map(idOf), 'prevalence')).evicted).toEqual(others.map(idOf));
    const [pack] = await reader.packs(ADDRESS);
    expect(await reader.rows(ADDRESS, others.map(idOf))).toEqual(before.map((held) => ({ ...held, pack })));
    expect(await checkStore(objects)).toMatchObject({ packs: 1, evicted: 1, problems: [] });
  });

  it('changes nothing in a dry run, or for a task without a result', async () => {
    const objects = await storeOf([0, 1]);
    const before = await keysUnder(objects, '');
    expect(await removeResult(objects, ADDRESS, idOf(1), { ...options, isDryRun: true })).toEqual({ replaced: [nameAt(1)], written: [] });
    expect(await removeResult(objects, ADDRESS, idOf(9), options)).toEqual({ replaced: [], written: [] });
    expect(await keysUnder(objects, '')).toEqual(before);
  });

  it('is noticed by a reader that had loaded the pack, at its next validation, and does not disturb reads of the others', async () => {
    const objects = await storeOf([0, 1, 2]);
    const reader = createProvenanceStore(objects);
    expect((await reader.existing(ADDRESS)).size).toBe(3);
    await removeResult(objects, ADDRESS, idOf(1), options);
    expect(await infectedOf(reader, [0, 2])).toEqual({ infected: [0, 2], missing: [] });
    expect((await reader.existing(ADDRESS, { relist: true })).has(idOf(1))).toBe(false);
  });

  it('keeps every other task in a pack at any time', async () => {
    const held = await storeOf([0, 1, 2], [1, 3]);
    const seen: number[][] = [];
    const record = async () => void seen.push(await tasksIn(held));
    const objects: ObjectStore = {
      ...held,
      async put(key, bytes, condition) {
        const put = await held.put(key, bytes, condition);
        await record();
        return put;
      },
      async delete(key) {
        await held.delete(key);
        await record();
      },
    };
    await removeResult(objects, ADDRESS, idOf(1), options);
    expect(seen.length).toBeGreaterThan(6);
    for (const tasks of seen) expect(tasks.filter((task) => task !== 1)).toEqual([0, 2, 3]);
    expect(seen.at(-1)).toEqual([0, 2, 3]);
  });

  it('continues after a kill', async () => {
    const held = await storeOf([0, 1, 2], [1, 3]);
    for (let writes = 1; writes < 8; writes++) {
      const dying = dyingAfter(writes, held);
      await removeResult(dying, ADDRESS, idOf(1), options).catch(() => undefined);
      expect((await tasksIn(held)).filter((task) => task !== 1)).toEqual([0, 2, 3]);
    }
    await removeResult(held, ADDRESS, idOf(1), options);
    expect(await tasksIn(held)).toEqual([0, 2, 3]);
  });
});
