import { idOfWords } from '@modelops/contracts';
import { expect, it } from 'vitest';
import { createJob } from '../job-context.ts';
import { makeJob } from '../testing/made-jobs.ts';
import { makeExpectedIds } from './expected-ids.ts';

const spec = makeJob({ sets: 7, replicates: 600 }).spec;
const { signal } = new AbortController();
const seeded = { params: { x: 1.5 }, seed: '18446744073709551615' };
const job = createJob({ ...spec, study: { ...spec.study, parameter_sets: [...spec.study.parameter_sets, seeded] } });

it.each([
  ['in this thread', { min: 1e6, max: 1e7 }],
  ['in this thread, where they are too many to be held at once', { min: 1, max: 100 }],
  ['in another thread', { min: 1, max: 1e7 }],
])('the ids that a job expects are made %s', async (_, threaded) => {
  const batchOf = await makeExpectedIds(job, signal, threaded);
  for (let task = 0; task < job.tasks.count; task++) {
    const { start, words } = batchOf(task);
    expect(idOfWords(words, task - start)).toBe(job.tasks.idAt(task));
  }
  // The thread makes one batch of all tasks.
  const isThreaded = threaded.min <= job.tasks.count && job.tasks.count <= threaded.max;
  expect(batchOf(job.tasks.count - 1).start === 0).toBe(isThreaded);
});

/** Its thread fails after it has made the ids of the first set. */
const broken = (replicates: number) => {
  const parameter_sets = [{ x: 1 }, { x: Number.NaN }];
  return createJob({ ...spec, study: { ...spec.study, parameter_sets, n_replicates: replicates } });
};

it('reports the error of a failed thread', async () => {
  await expect(makeExpectedIds(broken(512), signal, { min: 1, max: 1e7 })).rejects.toThrow(/invalid parameter x/);
});

it('stops the thread when its ids are no longer needed', async () => {
  const stop = new AbortController();
  const made = makeExpectedIds(broken(2 ** 20), stop.signal, { min: 1, max: 1e7 });
  stop.abort(new Error('the store is out'));
  await expect(made).rejects.toThrow('the store is out');
});
