import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryGuard, LoadFailed, type ModelHost, type TaskError } from '@modelops/model-host';
import { type ModelSource, makeFolder, makeModel, nodeHosts } from '@modelops/model-host/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { BatchResult, RunnableTask } from './batch.ts';
import { createTaskRunner, Interrupted, type TaskRunner, type TaskRunnerDeps } from './task-runner.ts';

const open: TaskRunner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((runner) => runner.close()));
});

function runnerOf(source: ModelSource, { timeoutMs = 60_000, ...deps }: Partial<TaskRunnerDeps> & { timeoutMs?: number } = {}) {
  const hosts = nodeHosts({ timeoutMs });
  const started: ModelHost[] = [];
  const runner = createTaskRunner({
    hosts: {
      start: async (load) => {
        const host = await hosts.start(load);
        started.push(host);
        return host;
      },
    },
    guard: createMemoryGuard(),
    load: makeModel(source),
    valuesAt: (set) => ({ x: set }),
    maxAttempts: 2,
    now: Date.now,
    ...deps,
  });
  open.push(runner);
  return { runner, started };
}

const tasksOf = (n: number): RunnableTask[] => Array.from({ length: n }, (_, index) => ({ index, set: index, seed: index }));

/** Runs tasks; returns how often each was answered, errors by task, and the values of successful tasks. */
async function run(runner: TaskRunner, tasks: readonly RunnableTask[]) {
  const answered: number[] = [];
  const errors: Record<number, TaskError> = {};
  const batches: BatchResult[] = [];
  await runner.run(tasks, (batch) => {
    batches.push(batch);
    batch.tasks.forEach(({ index }, place) => {
      answered.push(index);
      const error = batch.errors.get(place);
      if (error !== undefined) errors[index] = error;
    });
  });
  return { answered, errors, batches };
}
const OK = 'return { out: { x: Int32Array.of(values.x) } };';

describe('createTaskRunner', () => {
  it('answers every task once, in order, in growing batches, on one host', async () => {
    const { runner, started } = runnerOf({ simulate: OK });
    const { answered, errors, batches } = await run(runner, tasksOf(5000));
    expect(answered).toEqual(tasksOf(5000).map(({ index }) => index));
    expect(errors).toEqual({});
    expect(batches[0]!.tasks).toHaveLength(1);
    expect(Math.max(...batches.map(({ tasks }) => tasks.length))).toBeGreaterThan(64);
    expect(batches.flatMap(({ outputs }) => [...outputs.out!.columns[0]!.values])).toEqual(answered);
    expect(started).toHaveLength(1);
  });

  it('keeps batches of slow tasks short', async () => {
    const { runner } = runnerOf({ simulate: `const end = performance.now() + 60; while (performance.now() < end); ${OK}` });
    const { batches } = await run(runner, tasksOf(5));
    expect(batches.map(({ tasks }) => tasks.length)).toEqual([1, 1, 1, 1, 1]);
  });

  /** A host that answers when `answer` is called, and the number of requests that it holds. */
  function heldHost(ran: { ms: number; bytes: number }) {
    const held: (() => void)[] = [];
    const host: Pick<ModelHost, 'run' | 'kill' | 'residentBytes'> = {
      residentBytes: () => 0,
      kill: async () => undefined,
      async run({ set }) {
        await new Promise<void>((resolve) => void held.push(resolve));
        const values = new Float64Array((set.length * ran.bytes) / 8);
        const out = { rows: Int32Array.from(set, () => ran.bytes / 8), columns: [{ name: 'x', type: 'float64' as const, values }] };
        return { durations: new Float64Array(set.length).fill(ran.ms), errors: [], outputs: { out } };
      },
    };
    const count = async () => {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      await new Promise((resolve) => setImmediate(resolve));
      return held.length;
    };
    return { start: async () => host as ModelHost, count, answer: () => held.shift()!() };
  }

  it.each([
    ['sends the next batch before the host has answered', { ms: 60, bytes: 8 }, 1024, [1, 2, 2, 2, 1]],
    ['does so where a batch may have one task only', { ms: 1, bytes: 8 }, 1, [1, 2, 2, 2, 1]],
    ['does not if a batch takes half a second', { ms: 500, bytes: 8 }, 1024, [1, 1, 1, 1, 1]],
    ['does not if the results of a batch take a mebibyte', { ms: 60, bytes: 2 ** 20 }, 1024, [1, 1, 1, 1, 1]],
  ])('%s', async (_, ran, largestBatch, expected) => {
    const { start, count, answer } = heldHost(ran);
    const { runner } = runnerOf({ simulate: OK }, { hosts: { largestBatch, start } });
    const running = run(runner, tasksOf(5));
    const waiting: number[] = [];
    for (let answered = 0; answered < 5; answered++) {
      waiting.push(await count());
      answer();
    }
    const { answered, batches } = await running;
    expect(answered).toEqual([0, 1, 2, 3, 4]);
    expect(batches.map(({ tasks }) => tasks.length)).toEqual([1, 1, 1, 1, 1]);
    expect(waiting).toEqual(expected);
  });

  it.each([
    [60, 2],
    [150, 3],
    [400, 4],
  ])('notifies when the last tasks, of %d ms each, take less than 200 ms more', async (ms, expected) => {
    const { start, count, answer } = heldHost({ ms, bytes: 8 });
    const { runner } = runnerOf({ simulate: OK }, { hosts: { start } });
    let answered = 0;
    const notified: number[] = [];
    const running = runner.run(
      tasksOf(4),
      () => undefined,
      () => notified.push(answered),
    );
    while (answered < 4) {
      await count();
      answered++;
      answer();
    }
    await running;
    expect(notified).toEqual([expected]);
  });

  it('starts a task that was sent ahead when the one before it has been answered', async () => {
    let clock = 1000;
    const { start, count, answer } = heldHost({ ms: 60, bytes: 8 });
    const { runner } = runnerOf({ simulate: OK }, { hosts: { start }, now: () => clock });
    const running = run(runner, tasksOf(3));
    for (let answered = 0; answered < 3; answered++) {
      await count();
      clock += 60;
      answer();
    }
    expect((await running).batches.map(({ startedAt }) => startedAt)).toEqual([1000, 1060, 1120]);
  });

  describe('with one task a batch', () => {
    it('tries again only the task that ended the host', async () => {
      const file = join(makeFolder(), 'tries');
      const made = makeModel({
        head: `import { appendFileSync } from 'node:fs';`,
        simulate: `appendFileSync(${JSON.stringify(file)}, values.x + ' '); if (values.x === 3) process.exit(5); ${OK}`,
      });
      const hosts = { ...nodeHosts({ timeoutMs: 60_000 }), largestBatch: 1 };
      const { runner } = runnerOf({ simulate: OK }, { hosts, load: made });
      const { answered, errors } = await run(runner, tasksOf(8));
      expect(answered).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(Object.keys(errors)).toEqual(['3']);
      expect(readFileSync(file, 'utf8')).toBe('0 1 2 3 3 4 5 6 7 ');
    });
  });

  it('records an exception without a retry', async () => {
    const file = join(makeFolder(), 'tries');
    const { runner, started } = runnerOf({
      head: `import { appendFileSync } from 'node:fs';`,
      simulate: `if (values.x === 3) { appendFileSync(${JSON.stringify(file)}, 'x'); throw new Error('three'); } ${OK}`,
    });
    const { answered, errors } = await run(runner, tasksOf(100));
    expect(answered).toHaveLength(100);
    expect(errors).toMatchObject({ 3: { kind: 'exception', message: 'three' } });
    expect(readFileSync(file, 'utf8')).toBe('x');
    expect(started).toHaveLength(1);
  });

  it.each([
    [1, 'xx'],
    [2, 'xxx'],
    [3, 'xxxx'],
  ])('tries a task that ends its host on %i fresh hosts alone, then records it; its neighbours succeed', async (maxAttempts, tries) => {
    const file = join(makeFolder(), 'tries');
    const { runner, started } = runnerOf(
      {
        head: `import { appendFileSync } from 'node:fs';`,
        simulate: `if (values.x === 700) { appendFileSync(${JSON.stringify(file)}, 'x'); process.exit(5); } ${OK}`,
      },
      { maxAttempts },
    );
    const { answered, errors } = await run(runner, tasksOf(1000));
    expect(answered).toEqual(tasksOf(1000).map(({ index }) => index));
    expect(Object.keys(errors)).toEqual(['700']);
    expect(errors[700]).toMatchObject({ kind: 'crash', type: 'Exit' });
    expect(readFileSync(file, 'utf8')).toBe(tries);
    expect(started).toHaveLength(tries.length + 1);
  });

  it('counts the attempt of a task that crashed a host on which it ran alone', async () => {
    const file = join(makeFolder(), 'tries');
    const { runner } = runnerOf({
      head: `import { appendFileSync } from 'node:fs';`,
      simulate: `appendFileSync(${JSON.stringify(file)}, 'x'); process.exit(5);`,
    });
    expect((await run(runner, tasksOf(1))).errors[0]).toMatchObject({ kind: 'crash' });
    expect(readFileSync(file, 'utf8')).toBe('xx');
  });

  it('does not charge a task with the end of its host by a target', async () => {
    const target = 'const end = performance.now() + 200; while (performance.now() < end); process.exit(5);';
    const { runner } = runnerOf({ simulate: OK, targets: { fatal: target } }, { maxAttempts: 1 });
    const evaluating = runner.evaluate('fatal', { o: { rows: Int32Array.of(0), columns: [] } });
    expect(await run(runner, tasksOf(1))).toMatchObject({ answered: [0], errors: {} });
    expect(await evaluating).toMatchObject({ error: { kind: 'crash', type: 'Exit' } });
  });

  it('succeeds if a task’s host was killed once', async () => {
    const file = join(makeFolder(), 'tries');
    const { runner } = runnerOf({
      head: `import { existsSync, writeFileSync } from 'node:fs';`,
      simulate: `if (values.x === 5 && !existsSync(${JSON.stringify(file)})) { writeFileSync(${JSON.stringify(file)}, ''); process.kill(process.pid, 'SIGKILL'); for (;;); } ${OK}`,
    });
    expect(await run(runner, tasksOf(20))).toMatchObject({ answered: tasksOf(20).map(({ index }) => index), errors: {} });
  });

  it('records a task that exceeds its time limit, and continues with the next', async () => {
    const { runner } = runnerOf({ simulate: `if (values.x === 2) for (;;); ${OK}` }, { timeoutMs: 2000 });
    const { answered, errors } = await run(runner, tasksOf(6));
    expect(answered).toEqual([0, 1, 2, 3, 4, 5]);
    expect(errors).toMatchObject({ 2: { kind: 'timeout', message: 'the task ran longer than its limit of 2 s' } });
  });

  it('records a task that exceeds its memory limit, and continues with the next', async () => {
    const limit = 400 * 2 ** 20;
    const guard = createMemoryGuard({ container: limit + process.memoryUsage.rss() });
    const { runner } = runnerOf(
      { simulate: `if (values.x === 2) { const held = []; for (;;) held.push(Buffer.alloc(4 << 20, 1)); } ${OK}` },
      { guard },
    );
    const { answered, errors } = await run(runner, tasksOf(4));
    guard.stop();
    expect(answered).toEqual([0, 1, 2, 3]);
    expect(errors[2]).toMatchObject({
      kind: 'out_of_memory',
      message: expect.stringMatching(/^out of memory, limit \d+ MiB: the model host had \d+ MiB/),
    });
  });

  it('fails if the model does not load', async () => {
    const { runner } = runnerOf({ head: 'throw new Error("no data");', simulate: OK });
    await expect(run(runner, tasksOf(3))).rejects.toThrow(LoadFailed);
  });

  it('evaluates on the same host as the tasks; an evaluation that crashes the host is retried once, and the tasks succeed', async () => {
    const file = join(makeFolder(), 'tries');
    const { runner } = runnerOf({
      head: `import { appendFileSync } from 'node:fs';`,
      simulate: `const end = performance.now() + 5; while (performance.now() < end); ${OK}`,
      targets: {
        fine: 'return { loss: 2, diagnostics: {}, n_replicates: 1 }',
        fatal: `appendFileSync(${JSON.stringify(file)}, 'x'); process.exit(1)`,
        throwing: `throw new Error('none')`,
      },
    });
    const table = { rows: Int32Array.of(0), columns: [] };
    const running = run(runner, tasksOf(100));
    const evaluations = await Promise.all(['fine', 'fatal', 'fine', 'throwing'].map((target) => runner.evaluate(target, { o: table })));
    expect(evaluations[1]).toMatchObject({ error: { kind: 'crash' } });
    expect(evaluations[0]).toMatchObject({ loss: 2 });
    expect(evaluations[2]).toMatchObject({ loss: 2 });
    expect(evaluations[3]).toMatchObject({ error: { kind: 'exception', message: 'none' } });
    expect(readFileSync(file, 'utf8')).toBe('xx');
    expect(await running).toMatchObject({ answered: tasksOf(100).map(({ index }) => index), errors: {} });
  });
});

describe('an interrupted run', () => {
  it('ends after the batches that were sent and returns their results', async () => {
    const stop = new AbortController();
    const { runner } = runnerOf(
      { simulate: `const end = performance.now() + 60; while (performance.now() < end); ${OK}` },
      { signal: stop.signal },
    );
    const answered: number[] = [];
    const running = runner.run(tasksOf(100), (batch) => {
      answered.push(...batch.tasks.map(({ index }) => index));
      if (answered.length === 3) stop.abort();
    });
    await expect(running).rejects.toThrow(Interrupted);
    expect(answered).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not wait for a task that does not end', async () => {
    const stop = new AbortController();
    const file = join(makeFolder(), 'hangs');
    const { runner } = runnerOf(
      {
        head: `import { writeFileSync } from 'node:fs';`,
        simulate: `if (values.x === 1) { writeFileSync(${JSON.stringify(file)}, ''); for (;;); } ${OK}`,
      },
      { signal: stop.signal },
    );
    writeFileSync(file, 'not yet');
    const running = run(runner, tasksOf(3));
    while (readFileSync(file, 'utf8') !== '') await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await expect(running).rejects.toThrow(Interrupted);
  });

  it('ends before its first task if it was interrupted before it began', async () => {
    const { runner, started } = runnerOf({ simulate: OK }, { signal: AbortSignal.abort() });
    await expect(run(runner, tasksOf(3))).rejects.toThrow(Interrupted);
    expect(started).toEqual([]);
  });
});
