import type { ColumnValues, OutputTable } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { makeJob, makeStores, rowsOf, startJob, upTo } from '../testing/made-jobs.ts';
import type { BatchResult } from './batch.ts';
import { createKeptOutputs, createPackBuffer } from './pack-buffer.ts';
import { runChunk } from './run-chunk.ts';
import { Interrupted, type TaskRunner } from './task-runner.ts';

const MIB = 2 ** 20;
const NOW = Date.parse('2026-03-01T12:00:00Z');

/** A buffer for a job of 40 tasks, with a clock that the test moves. */
function open() {
  const clock = { now: NOW };
  const stores = { ...makeStores(), now: () => clock.now };
  const job = makeJob({ sets: 40, replicates: 1 });
  return { clock, stores, job, buffer: createPackBuffer(job, stores, 'host/0') };
}

/** The result of one task, with the given number of bytes. */
function resultOf(
  task: number,
  { bytes = 8, startedAt = NOW, error }: { bytes?: number; startedAt?: number; error?: string } = {},
): BatchResult {
  const values = new Float64Array(bytes / 8).fill(task);
  const table: OutputTable = { rows: Int32Array.of(values.length), columns: [{ name: 'x', values }] };
  const failure = { kind: 'exception' as const, type: 'Error', message: error ?? '' };
  return {
    tasks: [{ index: task, set: task, seed: task }],
    startedAt,
    durations: Float64Array.of(1),
    errors: new Map(error === undefined ? [] : [[0, failure]]),
    outputs: error === undefined ? { out: table } : {},
  };
}

describe('createPackBuffer', () => {
  it('writes a pack once 64 MiB are buffered', async () => {
    const { buffer, stores, job } = open();
    for (const task of upTo(7)) await buffer.add(resultOf(task, { bytes: 8 * MIB }));
    expect(buffer.packs).toHaveLength(0);
    await buffer.add(resultOf(7, { bytes: 8 * MIB }));
    expect(buffer.packs.map(({ tasks }) => tasks)).toEqual([upTo(8)]);
    expect(await rowsOf(job, stores)).toEqual({ ok: upTo(8), failed: [] });
  });

  it('keeps the outputs of written packs while there is room for them, in all chunks of a worker together', async () => {
    const { stores } = open();
    const job = makeJob({ sets: 40, replicates: 1, targets: ['fit'] });
    const memory = createKeptOutputs(20 * MIB);
    const [first, second] = [createPackBuffer(job, stores, 'host/0', memory), createPackBuffer(job, stores, 'host/0', memory)];
    for (const [buffer, task] of [first, second, first].map((buffer, task) => [buffer, task] as const)) {
      await buffer.add(resultOf(task, { bytes: 8 * MIB }));
      await buffer.flush();
    }
    const kept = () => [first, second].map(({ packs }) => packs.map(({ outputs }) => outputs !== undefined));
    expect(kept()).toEqual([[true, false], [true]]);
    first.forget();
    await second.add(resultOf(3, { bytes: 8 * MIB }));
    await second.flush();
    expect(kept()).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  it('keeps no outputs of a job without targets', async () => {
    const { buffer } = open();
    await buffer.add(resultOf(0, { bytes: 8 * MIB }));
    await buffer.flush();
    expect(buffer.packs).toMatchObject([{ tasks: [0], outputs: undefined }]);
  });

  it('writes a pack 15 s after its oldest result began', async () => {
    const { buffer, clock } = open();
    await buffer.add(resultOf(0));
    clock.now += 14_999;
    await buffer.add(resultOf(1, { startedAt: clock.now }));
    expect(buffer.packs).toHaveLength(0);
    clock.now += 1;
    await buffer.add(resultOf(2, { startedAt: clock.now }));
    expect(buffer.packs.map(({ tasks }) => tasks)).toEqual([[0, 1, 2]]);
    await buffer.add(resultOf(3, { startedAt: clock.now }));
    expect(buffer.packs).toHaveLength(1);
  });

  it('writes the result of a long task immediately', async () => {
    const { buffer, clock } = open();
    clock.now += 600_000;
    await buffer.add(resultOf(0, { startedAt: NOW }));
    expect(buffer.packs.map(({ tasks }) => tasks)).toEqual([[0]]);
  });

  it('flushes buffered results, and writes nothing if there are none', async () => {
    const { buffer, stores, job } = open();
    await buffer.flush();
    expect(await stores.provenance.packs(job.sims)).toEqual([]);
    await buffer.add(resultOf(0));
    await buffer.add(resultOf(1, { error: 'no' }));
    await buffer.flush();
    await buffer.flush();
    expect(buffer.packs).toHaveLength(1);
    expect(await rowsOf(job, stores)).toEqual({ ok: [0], failed: [1] });
    expect([...buffer.failed]).toEqual([['exception', 1]]);
  });

  it('puts tasks with different columns into separate packs', async () => {
    const { buffer, stores, job } = open();
    const withColumn = (task: number, name: string, values: ColumnValues): BatchResult => ({
      ...resultOf(task),
      outputs: { out: { rows: Int32Array.of(1), columns: [{ name, values }] } },
    });
    await buffer.add(withColumn(0, 'x', Float64Array.of(0)));
    await buffer.add(resultOf(1, { error: 'no' }));
    await buffer.add(withColumn(2, 'x', Int32Array.of(2)));
    await buffer.add(withColumn(3, 'x', ['text']));
    await buffer.add(withColumn(4, 'y', ['text']));
    await buffer.flush();
    expect(buffer.packs.map(({ tasks }) => tasks)).toEqual([[0, 1, 2], [3], [4]]);
    expect(await rowsOf(job, stores)).toEqual({ ok: [0, 2, 3, 4], failed: [1] });
  });
});

describe('runChunk', () => {
  const runnerOf = (run: TaskRunner['run']): TaskRunner => ({
    run,
    evaluate: () => Promise.reject(new Error('there is no target')),
    warmUp: () => undefined,
    close: async () => undefined,
  });
  const start = async () => {
    const { stores, job } = open();
    const plan = await startJob(job, stores);
    const existing = await stores.provenance.existing(job.sims);
    return { stores, job, work: { job, plan, chunk: 0, index: 0, existing, skipped: new Set<number>(), worker: 'host/0' } };
  };

  it('writes buffered results when the chunk ends', async () => {
    const { stores, job, work } = await start();
    const ran = await runChunk(
      work,
      runnerOf(async (tasks, onBatch) => {
        for (const { index } of tasks) await onBatch(resultOf(index));
      }),
      stores,
    );
    const { computed } = await ran.commit();
    expect(computed).toBeGreaterThan(0);
    expect((await rowsOf(job, stores)).ok).toHaveLength(computed);
  });

  it('writes finished results on SIGTERM', async () => {
    const { stores, job, work } = await start();
    const interrupted = runnerOf(async (tasks, onBatch) => {
      await onBatch(resultOf(tasks[0]!.index));
      throw new Interrupted();
    });
    await expect(runChunk(work, interrupted, stores)).rejects.toThrow(Interrupted);
    expect((await rowsOf(job, stores)).ok).toEqual([0]);
  });
});
