import { type MadeTasks, TASK_WORDS } from '@modelops/contracts';
import { expect, it } from 'vitest';
import { createJob, type Job } from './job-context.ts';
import { helpMakeTaskIds, makeTaskIds } from './task-ids.ts';
import { makeJob } from './testing/made-jobs.ts';

const spec = makeJob({ sets: 7, replicates: 600 }).spec;
const { signal } = new AbortController();
const ALWAYS = { min: 1, max: 1e7 };
const seeded = { params: { x: 1.5 }, seed: '18446744073709551615' };
const seededAgain = { params: spec.study.parameter_sets.at(-1)!, seed: 7 };
const mixed = { ...spec, study: { ...spec.study, parameter_sets: [...spec.study.parameter_sets, seeded, seededAgain] } } as typeof spec;

/** What the thread of a job makes; undefined if none is started. */
function watchUse({ tasks }: Job): () => MadeTasks | undefined {
  let made: MadeTasks | undefined;
  const { use } = tasks;
  tasks.use = (by) => {
    made = by;
    use(by);
  };
  return () => made;
}

it.each([
  ['few', { min: 1e6, max: 1e7 }, false],
  ['too many to be held at once', { min: 1, max: 100 }, false],
  ['many', ALWAYS, true],
])('the seeds and ids of a job are the same where its tasks are %s', async (_, limits, isThreaded) => {
  const [job, own] = [createJob(mixed), createJob(mixed)];
  const made = watchUse(job);
  await makeTaskIds(job, signal, limits);
  expect(made()?.count()).toBe(isThreaded ? job.tasks.count : undefined);
  for (let task = 0; task < job.tasks.count; task++) {
    expect(job.tasks.idAt(task)).toBe(own.tasks.idAt(task));
    expect(job.tasks.seedAt(task)).toEqual(own.tasks.seedAt(task));
  }
});

it('reads what the thread has made, and computes the rest itself', async () => {
  const [job, own] = [createJob(mixed), createJob(mixed)];
  const { count } = job.tasks;
  const half = 512 * Math.floor(count / 1024);
  job.tasks.use({
    count: () => half,
    from: () => count,
    seeds: new Uint32Array(count).fill(5),
    words: new Uint32Array(count * TASK_WORDS),
  });
  for (const task of [0, half - 1]) expect([job.tasks.seedAt(task), job.tasks.idAt(task)]).toEqual([5, '0'.repeat(64)]);
  for (const task of [half, count - 1]) expect(job.tasks.idAt(task)).toBe(own.tasks.idAt(task));
});

it('makes them with the thread: one from the first task on, the caller from the last', async () => {
  const [job, own] = [createJob(mixed), createJob(mixed)];
  const made = watchUse(job);
  const thread = makeTaskIds(job, signal, ALWAYS);
  helpMakeTaskIds(job); // before the thread has begun
  expect(made()?.from()).toBe(0);
  await thread;
  for (let task = 0; task < job.tasks.count; task++) {
    expect(job.tasks.idAt(task)).toBe(own.tasks.idAt(task));
    expect(job.tasks.seedAt(task)).toEqual(own.tasks.seedAt(task));
  }
  expect(made()!.words.every((word) => word === 0)).toBe(false);
});

it('starts one thread for a job', async () => {
  const job = createJob(spec);
  const made = makeTaskIds(job, signal, ALWAYS);
  expect(makeTaskIds(job, signal, ALWAYS)).toBe(made);
  await made;
});

const withSets = (parameter_sets: { x: number }[], n_replicates: number) =>
  createJob({ ...spec, study: { ...spec.study, parameter_sets, n_replicates } });

it('computes what a failed thread did not make', async () => {
  const sets = Array.from({ length: 512 }, (_, x) => ({ x }));
  const [job, own] = [withSets([...sets, { x: Number.NaN }], 1), withSets(sets, 1)];
  const made = watchUse(job);
  await makeTaskIds(job, signal, ALWAYS);
  expect(made()?.count()).toBe(512);
  expect(job.tasks.idAt(0)).toBe(own.tasks.idAt(0));
  expect(() => job.tasks.idAt(512)).toThrow(/invalid parameter x/);
});

it('stops the thread when its ids are no longer needed, and starts another when they are', async () => {
  const stop = new AbortController();
  const job = withSets([{ x: 1 }], 2 ** 16);
  const made = makeTaskIds(job, stop.signal, ALWAYS);
  stop.abort(new Error('the store is out'));
  await expect(made).rejects.toThrow('the store is out');
  const again = watchUse(job);
  await makeTaskIds(job, signal, ALWAYS);
  expect(again()?.count()).toBe(2 ** 16);
});
