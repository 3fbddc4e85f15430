import { describe, expect, it } from 'vitest';
import type { FlushedPack } from '../chunk/pack-buffer.ts';
import { memoryOf } from './aggregate-groups.ts';

/** A pack of tasks with as many rows as their number modulo 3, each with the task's number. */
function packOf(from: number, to: number): FlushedPack {
  const tasks = Array.from({ length: to - from }, (_, k) => from + k);
  const values = Float64Array.from(tasks.flatMap((task) => new Array<number>(task % 3).fill(task)));
  const out = { rows: Int32Array.from(tasks, (task) => task % 3), columns: [{ name: 'x', values }] };
  return { name: `${from}`, tasks, outputs: { out } };
}
const MANY = 200_000;

describe('memoryOf', () => {
  it('joins the results of tasks over packs, in order', () => {
    const memory = memoryOf([packOf(0, 5), packOf(5, 8), packOf(8, 10)]);
    const { rows, columns } = memory('out', 4, 9)!;
    expect([...rows]).toEqual([1, 2, 0, 1, 2]);
    expect([...columns[0]!.values]).toEqual([4, 5, 5, 7, 8, 8]);
  });

  it('has none where a task is not in memory', () => {
    const forgotten = { ...packOf(5, 8), outputs: undefined };
    const memory = memoryOf([packOf(0, 5), forgotten]);
    expect(memory('out', 4, 6)).toBeUndefined();
    expect(memory('out', 9, 10)).toBeUndefined();
    expect(memory('out', 3, 5)).toBeDefined();
  });

  it('serves 200,000 sets of one replicate, and one set of 200,000', () => {
    const memory = memoryOf([packOf(0, MANY / 2), packOf(MANY / 2, MANY)]);
    let rows = 0;
    for (let task = 0; task < MANY; task++) rows += memory('out', task, task + 1)!.rows[0]!;
    expect(rows).toBe(memory('out', 0, MANY)!.columns[0]!.values.length);
  });
});
