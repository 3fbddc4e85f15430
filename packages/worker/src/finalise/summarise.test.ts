import { describe, expect, it } from 'vitest';
import { makeJob } from '../testing/made-jobs.ts';
import { summarise } from './summarise.ts';

const job = makeJob({ sets: 4, replicates: 1, targets: ['fit'] });

describe('the summary of a target’s losses', () => {
  const summaryOf = (losses: readonly (number | null)[]) => {
    const bySet = Float64Array.from(losses, (loss) => loss ?? Number.NaN);
    return summarise(job, new Map([['fit', bySet]]), { bySet: new Map(), byCause: [], pointsByCause: [] }, 0).targets[0];
  };

  it('names the first of equal losses as the best, compared as numbers', () => {
    const { param_id, values } = job.tasks.paramsAt(2);
    expect(summaryOf([10, null, 9, 9])).toMatchObject({ losses: 3, nulls: 1, min: 9, best: { param_id, params: values, loss: 9 } });
  });

  it('accepts zero losses, and no losses', () => {
    expect(summaryOf([1, 0])).toMatchObject({ min: 0, best: { loss: 0 } });
    expect(summaryOf([null, null])).toEqual({ target: 'fit', losses: 0, nulls: 2, min: null, quantiles: {}, best: null });
  });
});
