import type { ColumnValues } from '@modelops/contracts';
import type { TaskError } from '@modelops/model-host';
import { createMemoryObjectStore, TaskIdSet } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import { makeJob, makeStores } from '../testing/made-jobs.ts';
import type { BatchResult } from './batch.ts';
import { createJobColumns } from './job-columns.ts';
import { createPackBuffer } from './pack-buffer.ts';

const job = makeJob({ sets: 8, replicates: 1 });
const NONE = new TaskIdSet();

/** The result of a batch whose tasks have one row each, but for those without a value. */
function resultOf(
  tasks: readonly number[],
  values: ColumnValues,
  { rows = tasks.map(() => 1), name = 'x' }: { readonly rows?: readonly number[]; readonly name?: string } = {},
): BatchResult {
  return {
    tasks: tasks.map((index) => ({ index, set: index, seed: index })),
    startedAt: 0,
    durations: Float64Array.from(tasks, () => 1),
    errors: new Map(),
    outputs: { out: { rows: Int32Array.from(rows), columns: [{ name, values }] } },
  };
}

const refused: TaskError = {
  kind: 'exception',
  type: 'ColumnTypeDiffers',
  message: 'column out.x has text; it has numbers in other tasks of the job: return the same type from every task',
};

const renamed: TaskError = {
  kind: 'exception',
  type: 'ColumnsDiffer',
  message: 'output out lacks column x and has column y, unlike other tasks of the job: return the same columns from every task',
};

describe('job columns', () => {
  it('fail a task that has another type than the first, and keep the tasks of its batch without rows', async () => {
    const columns = createJobColumns(job, makeStores());
    const first = resultOf([0], Float64Array.of(1));
    expect(await columns.check(first, NONE)).toBe(first);
    const checked = await columns.check(resultOf([1, 2], ['a'], { rows: [1, 0] }), NONE);
    expect([...checked.errors]).toEqual([[0, refused]]);
    expect(checked.outputs.out!.rows).toEqual(Int32Array.of(0, 0));
    const whole = resultOf([3], Int32Array.of(1));
    expect(await columns.check(whole, NONE)).toBe(whole);
  });

  it('fail a task that lacks a column of the first one or has another, also without rows', async () => {
    const columns = createJobColumns(job, makeStores());
    await columns.check(resultOf([0], Float64Array.of(1)), NONE);
    const checked = await columns.check(resultOf([1, 2], Float64Array.of(1), { rows: [1, 0], name: 'y' }), NONE);
    expect([...checked.errors]).toEqual([
      [0, renamed],
      [1, renamed],
    ]);
    expect(checked.outputs.out).toEqual({ rows: Int32Array.of(0, 0), columns: [] });
  });

  it('are decided by a task without rows, whose types the first task with rows decides', async () => {
    const columns = createJobColumns(job, makeStores());
    await columns.check(resultOf([0], new Float64Array(0), { rows: [0] }), NONE);
    expect((await columns.check(resultOf([1], ['a'], { name: 'y' }), NONE)).errors.get(0)).toEqual(renamed);
    const text = resultOf([2], ['a']);
    expect(await columns.check(text, NONE)).toBe(text);
    expect((await columns.check(resultOf([3], Float64Array.of(1)), NONE)).errors.size).toBe(1);
  });

  it('fail no task of a batch whose other tasks have failed', async () => {
    const columns = createJobColumns(job, makeStores());
    await columns.check(resultOf([0], Float64Array.of(1)), NONE);
    const failed: BatchResult = {
      ...resultOf([1], []),
      errors: new Map([[0, refused]]),
      outputs: { out: { rows: Int32Array.of(0), columns: [] } },
    };
    expect(await columns.check(failed, NONE)).toBe(failed);
  });

  it('are the same in every worker and attempt, whoever was first, and known by a worker that sees an output later', async () => {
    const objects = createMemoryObjectStore();
    const [one, other] = [createJobColumns(job, makeStores(objects)), createJobColumns(job, makeStores(objects))];
    const results = await Promise.all([
      one.check(resultOf([0], Float64Array.of(1)), NONE),
      other.check(resultOf([1], ['a']), NONE),
      one.check(resultOf([2], Float64Array.of(1)), NONE),
      other.check(resultOf([3], ['a']), NONE),
    ]);
    const failed = results.map(({ errors }) => errors.size);
    expect([
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ]).toContainEqual(failed);
    const later = createJobColumns(job, makeStores(objects));
    expect((await later.check(resultOf([4], ['a']), NONE)).errors.size).toBe(failed[1]);
  });

  it('are those of results that the job reuses', async () => {
    const objects = createMemoryObjectStore();
    const earlier = makeJob({ sets: 8, replicates: 1, id: 'job-0' });
    const stores = makeStores(objects);
    const buffer = createPackBuffer(earlier, stores, 'host/0');
    await buffer.add(resultOf([0], Float64Array.of(1)));
    await buffer.flush();
    const existing = await makeStores(objects).provenance.existing(job.sims);
    const checked = await createJobColumns(job, makeStores(objects)).check(resultOf([1], ['a']), existing);
    expect([...checked.errors]).toEqual([[0, refused]]);
  });

  it('of another version of the model are independent', async () => {
    const stores = makeStores();
    await createJobColumns(job, stores).check(resultOf([0], Float64Array.of(1)), NONE);
    const fixed = makeJob({ sets: 8, replicates: 1, code: 'fixed' });
    expect((await createJobColumns(fixed, stores).check(resultOf([0], ['a']), NONE)).errors.size).toBe(0);
  });
});
