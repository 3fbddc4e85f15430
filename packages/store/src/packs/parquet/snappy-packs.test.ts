import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../objects/memory-object-store.ts';
import { createProvenanceStore } from '../provenance-store.ts';
import { ADDRESS, fileOf } from '../testing/packs.ts';
import { SNAPPY_PACK, snappyColumns, snappyTexts } from '../testing/snappy-columns.ts';
import type { ParquetColumn } from './columns.ts';
import { readParquet, readSealed } from './read-parquet.ts';

const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(`../testing/snappy-packs/${file}`, import.meta.url)));

function valuesOf(column: ParquetColumn): unknown[] {
  if (column.type !== 'coded') return Array.from<unknown>(column.values);
  const { dictionary, indices, repeats } = column;
  return Array.from(indices).flatMap((index, at) => new Array<unknown>(repeats?.[at] ?? 1).fill(dictionary[index]));
}

describe('files with Snappy and delta pages of earlier versions', () => {
  it.each([
    ['columns.parquet', snappyColumns()],
    ['texts.parquet', snappyTexts()],
  ])('%s contains every value', (file, columns) => {
    const table = readSealed(bytesOf(file));
    expect(table.names).toEqual(columns.map(({ name }) => name));
    for (const column of columns) expect(table.list(column.name), column.name).toEqual(valuesOf(column));
  });

  it('a file without rows has its columns', () => {
    const table = readParquet(bytesOf('empty.parquet'));
    expect([table.rows, table.names, table.list('x'), table.list('s')]).toEqual([0, ['x', 's'], [], []]);
  });

  it('a pack contains its results and its failure', async () => {
    const objects = createMemoryObjectStore();
    for (const file of ['prevalence.parquet', 'nothing.parquet', '_index.parquet'])
      await objects.put(fileOf(SNAPPY_PACK.name, file), bytesOf(`pack/${file}`));
    const store = createProvenanceStore(objects);
    const ids = SNAPPY_PACK.simulations.map(({ task_id }) => task_id);
    const { table, missing } = await store.readOutput(ADDRESS, ids, 'prevalence');
    expect(missing).toEqual(ids.slice(2));
    expect(table.columns).toEqual(SNAPPY_PACK.outputs.prevalence!.columns);
    expect((await store.readOutput(ADDRESS, ids, 'nothing')).table.rows).toEqual(Int32Array.of(0, 0));
    expect(await store.failures(ADDRESS)).toMatchObject([{ error: '{"type":"ValueError"}', seed: 2n ** 64n - 3n }]);
    expect((await store.rows(ADDRESS, ids))[1]).toMatchObject({ duration_ms: 0.25, params: '{"beta":0}', worker: 'host/0' });
  });
});
