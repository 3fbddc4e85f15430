import { paletteOf } from '@modelops/cli-kit';
import { type JobId, ModelOpsError } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { eachDocument } from '../documents/each-job.ts';
import { eachJob, presentEach, worstExit } from './each-job.ts';

const [a, b] = ['job-aaaa', 'job-bbbb'] as JobId[] as [JobId, JobId];
const style = { color: paletteOf(false), columns: 80 };
const output = presentEach<{ job: string; n: number }>({
  schema: 'modelops.jobs.test/v1',
  document: async () => eachDocument('modelops.jobs.test/v1', { job: z.string(), n: z.int() }),
  human: ({ job, n }) => `${job} ${n}`,
  exit: ({ n }) => n,
});

describe('a command on each job', () => {
  it('prints the document of one job, and a list of several', async () => {
    const one = await eachJob({ ids: [a], isOne: true }, async (job) => ({ job, n: 10 }));
    expect(JSON.parse(output.json(one))).toEqual({ schema: 'modelops.jobs.test/v1', job: a, n: 10 });
    const several = await eachJob({ ids: [a], isOne: false }, async (job) => ({ job, n: 10 }));
    expect(JSON.parse(output.json(several))).toEqual({ schema: 'modelops.jobs.test-list/v1', jobs: [{ job: a, n: 10 }] });
    expect(output.exit(several)).toBe(10);
  });

  it('continues when one of several jobs fails, and reports the failure in its place', async () => {
    const report = await eachJob({ ids: [a, b], isOne: false }, async (job) => {
      if (job === a) throw new ModelOpsError('ILLEGAL_TRANSITION', 'a job that is running cannot be deleted', { hint: 'cancel it' });
      return { job, n: 11 };
    });
    expect(output.human(report, style)).toBe('job-aaaa  error: a job that is running cannot be deleted (cancel it)\njob-bbbb 11');
    expect(output.exit(report)).toBe(4);
    expect(JSON.parse(output.json(report)).jobs[0]).toEqual({
      job: a,
      error: { code: 'ILLEGAL_TRANSITION', message: 'a job that is running cannot be deleted', hint: 'cancel it' },
    });
  });

  it('throws the failure of a single named job, and any defect', async () => {
    const fail = async () => {
      throw new ModelOpsError('CONFLICT', 'no');
    };
    await expect(eachJob({ ids: [a], isOne: true }, fail)).rejects.toThrow('no');
    await expect(
      eachJob({ ids: [a, b], isOne: false }, async () => {
        throw new TypeError('a defect');
      }),
    ).rejects.toThrow(TypeError);
  });

  it.each([
    [[0, 0], 0],
    [[0, 13], 13],
    [[13, 12], 12],
    [[12, 10, 0], 10],
    [[10, 11, 13], 11],
    [[11, 4], 4],
  ])('of exit statuses %j gives the worst, %i', (statuses, worst) => {
    expect(worstExit(statuses)).toBe(worst);
  });
});
