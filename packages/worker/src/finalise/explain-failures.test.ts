import { describe, expect, it } from 'vitest';
import type { Job, Stores } from '../job-context.ts';
import { makeJob, makeStores } from '../testing/made-jobs.ts';
import { causeOf, explainFailures, maskNumbers } from './explain-failures.ts';

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

const NODE = `RangeError: x is 7
    at check (models/lib/check.ts:3:9)
    at simulate (models/seir.ts:12:5)
    at Object.simulateTask (file:///opt/modelops/node-host.js:10:1)
    at node:internal/main:1:1`;
const PYTHON = `Traceback (most recent call last):
  File "models/seir.py", line 12, in simulate
    check(x)
  File "models/lib/check.py", line 3, in check
    raise ValueError
  File "/home/ada/.modelops/cache/environments/1/lib/python3.11/site-packages/numpy/core.py", line 99, in array`;

describe('the cause of a failure', () => {
  it('names the innermost frame in a file of the model', () => {
    const error = { kind: 'exception', type: 'E', message: 'm' } as const;
    expect(causeOf({ ...error, traceback: NODE }).frame).toBe('models/lib/check.ts:3');
    expect(causeOf({ ...error, traceback: PYTHON }).frame).toBe('models/lib/check.py:3');
    expect(causeOf({ ...error, traceback: 'E: m\n    at node_modules/d3@7.0.0/a.js:1:1\n    at models/a.ts:2:1' }).frame).toBe(
      'models/a.ts:2',
    );
    expect(causeOf({ ...error, traceback: 'E: m\n    at file:///tmp/views/a.mjs:1:1' }).frame).toBeNull();
    expect(causeOf(error).frame).toBeNull();
  });

  it('is one where messages differ in numbers alone, and another from another place', () => {
    const at = (message: string, traceback: string) => causeOf({ kind: 'exception', type: 'E', message, traceback }).key;
    expect(at('x is 1.5', NODE)).toBe(at('x is -2e-07', NODE));
    expect(at('x is 1', NODE)).not.toBe(at('y is 1', NODE));
    expect(at('x is 1', NODE)).not.toBe(at('x is 1', PYTHON));
  });

  it.each([
    ['x is -1.5e+10 of 20', 'x is # of #'],
    ['at 0x7ffc12ab', 'at #'],
    ['column y2 of v1.csv', 'column y2 of v1.csv'],
    ['[3, 4] day=5', '[#, #] day=#'],
  ])('masks the numbers of %s', (text, masked) => expect(maskNumbers(text)).toBe(masked));
});
