import { sha256Hex, type TaskId } from '@modelops/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readParquet } from '../parquet/read-parquet.ts';
import { writeParquet } from '../parquet/write-parquet.ts';
import type { SimulationRow } from '../rows.ts';
import { createTaskPlaces } from './task-places.ts';

type Row = Pick<SimulationRow, 'task_id' | 'status'>;
const idOf = (n: number) => sha256Hex(`task ${n}`) as TaskId;

const STATUSES: readonly Row['status'][] = ['failed', 'ok'];
const indexOf = (rows: readonly Row[]) =>
  readParquet(
    writeParquet([
      { name: 'task_id', type: 'utf8', values: rows.map(({ task_id }) => task_id), isUnique: true },
      { name: 'status', type: 'coded', dictionary: STATUSES, indices: Int32Array.from(rows, ({ status }) => STATUSES.indexOf(status)) },
    ]),
  );

const row = fc.record({ task_id: fc.nat(30).map(idOf), status: fc.constantFrom<Row['status']>('ok', 'ok', 'ok', 'failed') });
const packs = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    rows: fc.array(row, { minLength: 1, maxLength: 40 }),
    isEvicted: fc.boolean(),
    isInMemory: fc.boolean(),
  }),
  { selector: ({ name }) => name },
);

it('a task is found in the lowest pack that has its result, in its first row there; evicted packs come last', () => {
  fc.assert(
    fc.property(packs, (added) => {
      const places = createTaskPlaces(new Set(added.flatMap(({ name, isEvicted }) => (isEvicted ? [name] : []))));
      for (const { name, rows, isInMemory } of added) {
        const hasFailed = isInMemory ? places.addRows(name, rows as SimulationRow[]) : places.addIndex(name, indexOf(rows));
        expect(hasFailed).toBe(rows.some(({ status }) => status === 'failed'));
      }
      const inOrder = [...added].sort((a, b) => Number(a.isEvicted) - Number(b.isEvicted) || (a.name < b.name ? -1 : 1));
      for (let n = 0; n <= 30; n++) {
        const isMatch = ({ task_id, status }: Row) => task_id === idOf(n) && status === 'ok';
        const pack = inOrder.find(({ rows }) => rows.some(isMatch));
        expect(places.find(idOf(n))).toEqual(pack && { pack: pack.name, row: pack.rows.findIndex(isMatch) });
      }
    }),
  );
});

it('counts the rows of an index across its pages, and finds a failed row in any of them', () => {
  const count = 140_000; // more than a page of Parquet
  const rows = Array.from({ length: count }, (_, n): Row => ({ task_id: idOf(n), status: n === 7 ? 'failed' : 'ok' }));
  const places = createTaskPlaces(new Set());
  const index = indexOf(rows);
  expect(index.column('task_id').texts).toHaveLength(2);
  expect(places.addIndex('a', index)).toBe(true);
  expect(places.existing.size).toBe(count - 1);
  for (const n of [0, 6, 8, 131_071, 131_072, count - 1]) expect(places.find(idOf(n))).toEqual({ pack: 'a', row: n });
  expect(places.find(idOf(7))).toBeUndefined();
});
