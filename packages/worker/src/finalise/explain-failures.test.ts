import { expect, it } from 'vitest';
import type { Job, Stores } from '../job-context.ts';
import { makeJob, makeStores } from '../testing/made-jobs.ts';
import { explainFailures } from './explain-failures.ts';

/** Records failures of the job's tasks, each with its own number in the message. */
async function failAll(job: Job, { provenance }: Stores, { isReversed = false } = {}): Promise<void> {
  const simulations = Array.from({ length: job.tasks.count }, (_, task) => ({
    task_id: job.tasks.idAt(task),
    param_id: job.tasks.paramsAt(job.tasks.groupOf(task).set).param_id,
    params: '{}',
    seed: BigInt(job.tasks.seedAt(task)),
    status: 'failed' as const,
    error: JSON.stringify({ kind: 'exception', type: 'RangeError', message: `no ${task}` }),
    started_at: 0,
    duration_ms: 1,
  }));
  if (isReversed) simulations.reverse();
  await provenance.writeSimulations(job.sims, { name: 'p1', simulations, outputs: {}, job_id: job.id, worker: 'test/0' });
}

it('explains the failures of the job’s own tasks, by cause and by set', async () => {
  const stores = makeStores();
  await failAll(makeJob({ sets: 3, replicates: 2 }), stores);
  const smaller = makeJob({ id: 'job-2', sets: 2, replicates: 2 });
  const { byCause, bySet } = await explainFailures(smaller, stores);
  expect(byCause).toMatchObject([{ kind: 'exception', type: 'RangeError', message: 'no 0', count: 4 }]);
  expect([...bySet.values()]).toEqual([0, 2].map((task) => ({ count: 2, sample: `RangeError: no ${task}` })));
  const other = makeJob({ id: 'job-3', sets: 3, replicates: 2, outputs: ['other'], code: 'other' });
  expect(await explainFailures(other, stores)).toEqual({ byCause: [], bySet: new Map(), pointsByCause: [] });
});

it('shows the first task of a cause, whichever failed first', async () => {
  const stores = makeStores();
  const job = makeJob({ sets: 1, replicates: 3 });
  await failAll(job, stores, { isReversed: true });
  const { byCause } = await explainFailures(job, stores);
  expect(byCause).toMatchObject([{ message: 'no 0', count: 3, sample: { task_id: job.tasks.idAt(0) } }]);
});
