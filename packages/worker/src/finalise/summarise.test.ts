import { describe, expect, it } from 'vitest';
import { makeJob } from '../testing/made-jobs.ts';
import type { LossRow } from './loss-rows.ts';
import { summarise } from './summarise.ts';

const job = makeJob({ sets: 4, replicates: 1, targets: ['fit'] });

describe('the losses of a target, summed up', () => {
  const summaryOf = (losses: readonly (number | null)[]) => {
    const rows = losses.map((loss, set) => ({ set, target: 'fit', loss })) as unknown as LossRow[];
    return summarise(job, rows, { bySet: new Map(), byCause: [] }, 0).targets[0];
  };

  it('have the first of equals as the best, by number and not by digits', () => {
    const { param_id, values } = job.tasks.paramsAt(2);
    expect(summaryOf([10, null, 9, 9])).toMatchObject({ losses: 3, nulls: 1, min: 9, best: { param_id, params: values, loss: 9 } });
  });

  it('may be 0, or none', () => {
    expect(summaryOf([1, 0])).toMatchObject({ min: 0, best: { loss: 0 } });
    expect(summaryOf([null, null])).toEqual({ target: 'fit', losses: 0, nulls: 2, min: null, quantiles: {}, best: null });
  });
});
