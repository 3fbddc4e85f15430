import { randomBytes } from 'node:crypto';
import { type JobId, parseJobId, WORKER_EXIT } from '@modelops/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine, EngineView, LogOptions } from '../engine.ts';
import { openStage, type Stage, type StagedWorker } from './stage.ts';

export interface EngineSettings {
  /** Maximum number of restarts of one index. */
  readonly restarts: number;
  /** How long a worker that is asked to stop may take before it is killed, seconds. */
  readonly graceSeconds: number;
}

export interface EngineUnderTest {
  /** An address of this machine that workers reach. */
  readonly address: () => string;
  /** An engine whose workers run the given program (CommonJS for Node) with a worker's arguments. */
  readonly open: (program: string, settings: EngineSettings) => Promise<Engine>;
  /** Removes the engine's record of an ended attempt, as its expiry would. */
  readonly forget: (name: string) => Promise<void>;
}

const TIMEOUT = { timeout: 180_000, interval: 50 };
const NONE = { active: 0, succeeded: 0, failed: 0 };

/** The promises every {@link Engine} keeps; an engine's test file is one call to this. Workers are real processes that follow the test's orders. */
export function describeEngine(name: string, { address, open, forget }: EngineUnderTest): void {
  describe(`Engine contract: ${name}`, { timeout: 400_000 }, () => {
    let stage: Stage;
    let engine: Engine;
    let job: JobId;
    beforeEach(async () => {
      stage = await openStage(address());
      engine = await open(stage.script, { restarts: 1, graceSeconds: 3 });
      job = parseJobId(`job-${randomBytes(4).toString('hex')}`);
    });
    afterEach(async () => {
      for (const n of new Set([1, ...stage.started.map(({ attempt }) => attempt)])) await engine.stop(job, attemptOf(n));
      await stage.close();
    });

    const attemptOf = (n: number) => ({ n });
    const start = (width: number, n = 1) =>
      engine.start({ job_id: job } as never, { schema_version: 1, n, width, tasks: width, chunks: [] });
    const observe = (n = 1) => engine.observe(job, attemptOf(n));
    const stop = (n = 1) => engine.stop(job, attemptOf(n));
    const logs = async (options?: LogOptions, n = 1) => {
      const lines: string[] = [];
      for await (const { worker: index, text } of engine.logs(job, attemptOf(n), options)) lines.push(`[${index}] ${text}`);
      return lines;
    };
    /** The `time`-th start of an index. */
    const worker = (index: number, time = 1, n = 1) => {
      const startsBefore = (one: StagedWorker) =>
        stage.started.slice(0, stage.started.indexOf(one)).filter((other) => other.index === index && other.attempt === n).length;
      return stage.worker((one) => one.index === index && one.attempt === n && startsBefore(one) === time - 1);
    };
    const seen = (view: Partial<Record<keyof EngineView, unknown>>, n = 1) =>
      vi.waitFor(async () => expect(await observe(n)).toMatchObject(view), TIMEOUT);
    const startsOf = (index: number) => stage.started.filter((one) => one.index === index).length;

    it('starts a worker for each index with its arguments, and sees them run and succeed', async () => {
      await start(3);
      const workers = await Promise.all([0, 1, 2].map((index) => worker(index)));
      expect(workers.map((one) => [one.job, one.attempt, one.index])).toEqual([0, 1, 2].map((index) => [job, 1, index]));
      await seen({ phase: 'running', workers: { ...NONE, active: 3 }, problems: [] });
      for (const one of workers) one.tell({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 3 }, problems: [] });
      expect(stage.started).toHaveLength(3);
    });

    it('starts an attempt once, however often and at once it is asked to', async () => {
      const names = await Promise.all([start(2), start(2)]);
      names.push(await start(2));
      expect(new Set(names.map(({ name: one }) => one)).size).toBe(1);
      const workers = await Promise.all([worker(0), worker(1)]);
      names.push(await start(2));
      for (const one of workers) one.tell({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 2 } });
      await start(2);
      expect((await observe()).phase).toBe('ended');
      expect(stage.started).toHaveLength(2);
    });

    it('starts the index of a crashed worker again with the same arguments, and leaves its neighbours alone', async () => {
      await start(2);
      (await worker(1)).tell({ exit: 1 });
      const again = await worker(1, 2);
      expect([again.job, again.attempt, again.index]).toEqual([job, 1, 1]);
      await seen({ phase: 'running', workers: { ...NONE, active: 2 } });
      again.tell({ exit: 0 });
      (await worker(0)).tell({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 2 } });
      expect([startsOf(0), startsOf(1)]).toEqual([1, 2]);
    });

    it('gives an index up after its restarts, names it, and lets the others end', async () => {
      await start(2);
      for (const time of [1, 2]) (await worker(1, time)).tell({ exit: 7 });
      await seen({ workers: { active: 1, failed: 1 } });
      (await worker(0)).tell({ exit: 0 });
      await seen({ phase: 'ended', workers: { active: 0, succeeded: 1, failed: 1 } });
      expect(startsOf(1)).toBe(2);
      expect((await observe()).problems).toContainEqual(
        expect.objectContaining({ message: expect.stringMatching(/^worker 1\b.*exit status 7/) }),
      );
    });

    it('never starts an index again whose worker ended for good', async () => {
      await start(2);
      (await worker(0)).tell({ exit: WORKER_EXIT.final });
      await seen({ workers: { active: 1, failed: 1 } });
      (await worker(1)).tell({ exit: 0 });
      await seen({ phase: 'ended', workers: { active: 0, succeeded: 1, failed: 1 } });
      expect(startsOf(0)).toBe(1);
      expect((await observe()).problems).toContainEqual(
        expect.objectContaining({ message: expect.stringMatching(/^worker 0\b.*exit status 42/) }),
      );
    });

    it('stops the workers and waits until none is left; again, and at once, it changes nothing', async () => {
      await start(2);
      const workers = await Promise.all([worker(0), worker(1)]);
      let left = 2;
      for (const one of workers) void one.ended.then(() => left--);
      await Promise.all([stop(), stop()]);
      await Promise.all(workers.map(({ ended }) => ended));
      await stop();
      expect(left).toBe(0);
      expect(['ended', 'gone']).toContain((await observe()).phase);
      expect((await observe()).workers.active).toBe(0);
      expect(stage.started).toHaveLength(2);
    });

    it('kills a worker that does not stop in its time', async () => {
      await start(1);
      const one = await worker(0);
      one.tell({ deaf: true, print: 'deaf' });
      await vi.waitFor(async () => expect(await logs()).toEqual(['[0] deaf']), TIMEOUT);
      await stop();
      await one.ended;
      expect(stage.started).toHaveLength(1);
    });

    it('stops an attempt at the moment of its start, and leaves no worker', async () => {
      await start(2);
      await stop();
      expect((await observe()).workers.active).toBe(0);
      await Promise.all(stage.started.map(({ ended }) => ended));
    });

    it('has nothing to stop, to say or to show of a job that it does not know, and starts it afterwards', async () => {
      await stop();
      await engine.forget(job, attemptOf(1));
      expect(await observe()).toEqual({ phase: 'gone', workers: NONE, problems: [] });
      expect(await logs()).toEqual([]);
      await start(1);
      (await worker(0)).tell({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 1 } });
    });

    it('removes everything of an attempt that it forgets', async () => {
      await start(1);
      (await worker(0)).tell({ print: 'said', exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 1 } });
      await engine.forget(job, attemptOf(1));
      expect(await observe()).toEqual({ phase: 'gone', workers: NONE, problems: [] });
      expect(await logs()).toEqual([]);
    });

    it('keeps the attempts of a job apart', async () => {
      await start(1);
      await start(1, 2);
      const [first, second] = await Promise.all([worker(0, 1, 1), worker(0, 1, 2)]);
      await stop();
      await first.ended;
      await seen({ phase: 'running', workers: { ...NONE, active: 1 } }, 2);
      second.tell({ print: 'second', exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 1 } }, 2);
      expect(await logs({}, 2)).toEqual(['[0] second']);
    });

    it('shows the lines of each worker after its index, of one worker, and the last of each', async () => {
      await start(2);
      for (const index of [0, 1]) {
        const one = await worker(index);
        for (const line of ['one', 'two', 'three']) one.tell({ print: line });
        one.tell({ exit: 0 });
      }
      await seen({ phase: 'ended', workers: { succeeded: 2 } });
      expect(await logs()).toEqual(['[0] one', '[0] two', '[0] three', '[1] one', '[1] two', '[1] three']);
      expect(await logs({ index: 1 })).toEqual(['[1] one', '[1] two', '[1] three']);
      expect(await logs({ tail: 1 })).toEqual(['[0] three', '[1] three']);
      expect(await logs({ index: 0, tail: 2 })).toEqual(['[0] two', '[0] three']);
      expect(await logs({ index: 2 })).toEqual([]);
    });

    it('knows nothing of an attempt that was cleared away', async () => {
      const { name: own } = await start(1);
      (await worker(0)).tell({ exit: 0 });
      await seen({ phase: 'ended' });
      await forget(own);
      await seen({ phase: 'gone', workers: NONE, problems: [] });
      expect(await logs()).toEqual([]);
      await stop();
    });
  });
}
