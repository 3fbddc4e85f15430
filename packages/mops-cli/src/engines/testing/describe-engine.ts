import { randomBytes } from 'node:crypto';
import { type JobId, parseJobId, WORKER_EXIT } from '@modelops/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine, EngineView, LogOptions } from '../engine.ts';
import { openScriptedWorkers, type ScriptedWorker, type ScriptedWorkers } from './scripted-workers.ts';

export interface EngineSettings {
  /** Maximum number of restarts of one index. */
  readonly restarts: number;
  /** Time between SIGTERM and SIGKILL when a worker is stopped, seconds. */
  readonly graceSeconds: number;
}

export interface EngineUnderTest {
  /** An address of this machine that workers can connect to. */
  readonly address: () => string;
  /** An engine whose workers run the given program (CommonJS for Node) with a worker's arguments. */
  readonly open: (program: string, settings: EngineSettings) => Promise<Engine>;
  /** Deletes the engine's record of an ended attempt, as its expiry does. */
  readonly forget: (name: string) => Promise<void>;
}

const TIMEOUT = { timeout: 180_000, interval: 50 };
const NONE = { active: 0, succeeded: 0, failed: 0 };

/** The promises every {@link Engine} keeps; an engine's test file is one call to this. Workers are real processes that follow the test's orders. */
export function describeEngine(name: string, { address, open, forget }: EngineUnderTest): void {
  describe(`Engine contract: ${name}`, { timeout: 400_000 }, () => {
    let scripted: ScriptedWorkers;
    let engine: Engine;
    let job: JobId;
    beforeEach(async () => {
      scripted = await openScriptedWorkers(address());
      engine = await open(scripted.script, { restarts: 1, graceSeconds: 3 });
      job = parseJobId(`job-${randomBytes(4).toString('hex')}`);
    });
    afterEach(async () => {
      for (const n of new Set([1, ...scripted.started.map(({ attempt }) => attempt)])) await engine.stop(job, attemptOf(n));
      await scripted.close();
    });

    const attemptOf = (n: number) => ({ n });
    const start = (width: number, n = 1) => engine.start({ job_id: job }, { schema_version: 1, n, width, tasks: width, chunks: [] });
    const observe = (n = 1) => engine.observe(job, attemptOf(n));
    const scale = (workers: number) => engine.scale(job, attemptOf(1), workers);
    const stop = (n = 1) => engine.stop(job, attemptOf(n));
    const logs = async (options?: LogOptions, n = 1) => {
      const lines: string[] = [];
      for await (const { worker: index, text } of engine.logs(job, attemptOf(n), options)) lines.push(`[${index}] ${text}`);
      return lines;
    };
    /** The `time`-th start of an index. */
    const worker = (index: number, time = 1, n = 1) => {
      const startsBefore = (one: ScriptedWorker) =>
        scripted.started.slice(0, scripted.started.indexOf(one)).filter((other) => other.index === index && other.attempt === n).length;
      return scripted.worker((one) => one.index === index && one.attempt === n && startsBefore(one) === time - 1);
    };
    const seen = (view: Partial<Record<keyof EngineView, unknown>>, n = 1) =>
      vi.waitFor(async () => expect(await observe(n)).toMatchObject(view), TIMEOUT);
    const startsOf = (index: number) => scripted.started.filter((one) => one.index === index).length;

    it('starts a worker for each index with its arguments, and reports that they run and succeed', async () => {
      await start(3);
      const workers = await Promise.all([0, 1, 2].map((index) => worker(index)));
      expect(workers.map((one) => [one.job, one.attempt, one.index])).toEqual([0, 1, 2].map((index) => [job, 1, index]));
      await seen({ phase: 'running', workers: { ...NONE, active: 3 }, problems: [] });
      for (const one of workers) one.send({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 3 }, problems: [] });
      expect(scripted.started).toHaveLength(3);
    });

    it('starts an attempt once, also when started repeatedly and concurrently', async () => {
      const names = await Promise.all([start(2), start(2)]);
      names.push(await start(2));
      expect(new Set(names.map(({ name: one }) => one)).size).toBe(1);
      const workers = await Promise.all([worker(0), worker(1)]);
      names.push(await start(2));
      for (const one of workers) one.send({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 2 } });
      await start(2);
      expect((await observe()).phase).toBe('ended');
      expect(scripted.started).toHaveLength(2);
    });

    it('restarts the index of a crashed worker with the same arguments, and no other index', async () => {
      await start(2);
      (await worker(1)).send({ exit: 1 });
      const again = await worker(1, 2);
      expect([again.job, again.attempt, again.index]).toEqual([job, 1, 1]);
      await seen({ phase: 'running', workers: { ...NONE, active: 2 } });
      again.send({ exit: 0 });
      (await worker(0)).send({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 2 } });
      expect([startsOf(0), startsOf(1)]).toEqual([1, 2]);
    });

    it('stops restarting an index after the maximum, reports it, and lets the others finish', async () => {
      await start(2);
      for (const time of [1, 2]) (await worker(1, time)).send({ exit: 7 });
      await seen({ workers: { active: 1, failed: 1 } });
      (await worker(0)).send({ exit: 0 });
      await seen({ phase: 'ended', workers: { active: 0, succeeded: 1, failed: 1 } });
      expect(startsOf(1)).toBe(2);
      expect((await observe()).problems).toContainEqual(
        expect.objectContaining({ message: expect.stringMatching(/^worker 1\b.*exit status 7/) }),
      );
    });

    it('never restarts an index whose worker exited with the final status', async () => {
      await start(2);
      (await worker(0)).send({ exit: WORKER_EXIT.final });
      await seen({ workers: { active: 1, failed: 1 } });
      (await worker(1)).send({ exit: 0 });
      await seen({ phase: 'ended', workers: { active: 0, succeeded: 1, failed: 1 } });
      expect(startsOf(0)).toBe(1);
      expect((await observe()).problems).toContainEqual(
        expect.objectContaining({ message: expect.stringMatching(/^worker 0\b.*exit status 42/) }),
      );
    });

    it('starts further workers when it is scaled up, stops the last ones when it is scaled down, and leaves the others alone', async () => {
      await start(1);
      await worker(0);
      expect(await scale(3)).toEqual({ before: 1 });
      const further = await Promise.all([worker(1), worker(2)]);
      expect(further.map((one) => [one.job, one.attempt, one.index])).toEqual([1, 2].map((index) => [job, 1, index]));
      await seen({ phase: 'running', workers: { ...NONE, active: 3 }, problems: [] });
      expect(await scale(1)).toEqual({ before: 3 });
      await Promise.all(further.map(({ ended }) => ended));
      await seen({ phase: 'running', workers: { ...NONE, active: 1 }, problems: [] });
      expect(await scale(1)).toEqual({ before: 1 });
      expect(await scale(2)).toEqual({ before: 1 });
      const again = await worker(1, 2);
      for (const one of [await worker(0), again]) one.send({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 2 }, problems: [] });
      expect([0, 1, 2].map(startsOf)).toEqual([1, 2, 1]);
    });

    it('kills a worker that is not in the new number and does not stop within the grace period', async () => {
      await start(2);
      const one = await worker(1);
      one.send({ ignoreSigterm: true, print: 'ready' });
      await vi.waitFor(async () => expect(await logs({ index: 1 })).toEqual(['[1] ready']), TIMEOUT);
      await scale(1);
      await one.ended;
      (await worker(0)).send({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 1 } });
      expect(startsOf(1)).toBe(1);
    });

    it('refuses to scale an attempt that is unknown or has ended, or whose other workers have ended', async () => {
      const refused = { code: 'CONFLICT' };
      await expect(scale(2)).rejects.toMatchObject(refused);
      await start(2);
      (await worker(0)).send({ exit: 0 });
      await seen({ workers: { active: 1, succeeded: 1 } });
      await expect(scale(1)).rejects.toMatchObject(refused);
      await seen({ phase: 'running', workers: { active: 1, succeeded: 1 } });
      (await worker(1)).send({ exit: 0 });
      await seen({ phase: 'ended' });
      await expect(scale(3)).rejects.toMatchObject(refused);
      expect(scripted.started).toHaveLength(2);
    });

    it('stops the workers and waits until all have ended, also when stopped repeatedly and concurrently', async () => {
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
      expect(scripted.started).toHaveLength(2);
    });

    it('kills a worker that does not stop within the grace period', async () => {
      await start(1);
      const one = await worker(0);
      one.send({ ignoreSigterm: true, print: 'ready' });
      await vi.waitFor(async () => expect(await logs()).toEqual(['[0] ready']), TIMEOUT);
      await stop();
      await one.ended;
      expect(scripted.started).toHaveLength(1);
    });

    it('stops an attempt right after its start, and leaves no worker', async () => {
      await start(2);
      await stop();
      expect((await observe()).workers.active).toBe(0);
      await Promise.all(scripted.started.map(({ ended }) => ended));
    });

    it('stops, deletes and shows nothing of an unknown job, and can then start it', async () => {
      await stop();
      await engine.forget(job, attemptOf(1));
      expect(await observe()).toEqual({ phase: 'gone', workers: NONE, problems: [] });
      expect(await logs()).toEqual([]);
      await start(1);
      (await worker(0)).send({ exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 1 } });
    });

    it('deletes the record and logs of a forgotten attempt', async () => {
      await start(1);
      (await worker(0)).send({ print: 'a line', exit: 0 });
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
      second.send({ print: 'second', exit: 0 });
      await seen({ phase: 'ended', workers: { ...NONE, succeeded: 1 } }, 2);
      expect(await logs({}, 2)).toEqual(['[0] second']);
    });

    it('prints the lines of each worker in order, of one worker, and the last lines of each', async () => {
      await start(2);
      for (const index of [0, 1]) {
        const one = await worker(index);
        for (const line of ['one', 'two', 'three']) one.send({ print: line });
        one.send({ exit: 0 });
      }
      await seen({ phase: 'ended', workers: { succeeded: 2 } });
      expect(await logs()).toEqual(['[0] one', '[0] two', '[0] three', '[1] one', '[1] two', '[1] three']);
      expect(await logs({ index: 1 })).toEqual(['[1] one', '[1] two', '[1] three']);
      expect(await logs({ tail: 1 })).toEqual(['[0] three', '[1] three']);
      expect(await logs({ index: 0, tail: 2 })).toEqual(['[0] two', '[0] three']);
      expect(await logs({ index: 2 })).toEqual([]);
    });

    it('reports an attempt whose record has expired as gone', async () => {
      const { name: own } = await start(1);
      (await worker(0)).send({ exit: 0 });
      await seen({ phase: 'ended' });
      await forget(own);
      await seen({ phase: 'gone', workers: NONE, problems: [] });
      expect(await logs()).toEqual([]);
      await stop();
    });
  });
}
