import { describe, expect, it } from 'vitest';
import { makeJob } from '../testing/made-jobs.ts';
import { type LossRow, lossParameters } from './loss-rows.ts';
import { summarise } from './summarise.ts';

/** The row of a set in a job without failures. */
function lossRow(set: number, loss: number | null): LossRow {
  const spread = { replicate_mean: loss, standard_error: 0.5 };
  return { set, target: 'fit', loss, n_replicates: 1, n_failed: 0, ...spread, computed_at: 0, cache_hit: false, reason: null };
}

const job = makeJob({ sets: 4, replicates: 1, targets: ['fit'] });

describe('the summary of a target’s losses', () => {
  const summaryOf = (losses: readonly (number | null)[]) => {
    const bySet = Float64Array.from(losses, (loss) => loss ?? Number.NaN);
    const rowOf = (set: number) => lossRow(set, losses[set]!);
    return summarise(
      job,
      { byTarget: new Map([['fit', bySet]]), parameters: lossParameters(job), rowOf },
      { bySet: new Map(), byCause: [], pointsByCause: [] },
      0,
    ).targets[0];
  };

  it('names the first of equal losses as the best, compared as numbers', () => {
    const { param_id, values } = job.tasks.paramsAt(2);
    expect(summaryOf([10, null, 9, 9])).toMatchObject({ losses: 3, nulls: 1, min: 9, best: { param_id, params: values, loss: 9 } });
  });

  it('accepts zero losses, and no losses', () => {
    expect(summaryOf([1, 0])).toMatchObject({ min: 0, best: { loss: 0 } });
    const nothing = { target: 'fit', losses: 0, nulls: 2, min: null, quantiles: {}, best: null, lowest: [] };
    expect(summaryOf([null, null])).toEqual(nothing);
  });

  it('lists the lowest, equal ones by id, with all that a row of losses.parquet has of its own', () => {
    const { lowest } = summaryOf([2, null, 2, 1])!;
    expect(lowest[0]).toEqual({
      param_id: job.tasks.paramsAt(3).param_id,
      params: { x: 3 },
      ...{ loss: 1, n_replicates: 1, n_failed: 0, replicate_mean: 1, standard_error: 0.5, cache_hit: false },
      computed_at: '1970-01-01T00:00:00.000Z',
    });
    const ids = [0, 2].map((set) => job.tasks.paramsAt(set).param_id).sort();
    expect(lowest.slice(1).map(({ param_id }) => param_id)).toEqual(ids);
  });

  it.each([
    ['20 at most', Array.from({ length: 30 }, (_, at) => at), 20],
    ['all of 20', Array.from({ length: 20 }, () => 7), 20],
    ['fewer where sets 20 and 21 have equal losses', [...Array.from({ length: 18 }, (_, at) => at), 50, 50, 50, 60], 18],
    ['none of 21 equal ones', Array.from({ length: 21 }, () => 7), 0],
  ])('lists %s', (_, losses, expected) => {
    const many = makeJob({ sets: losses.length, replicates: 1, targets: ['fit'] });
    const byTarget = new Map([['fit', Float64Array.from(losses)]]);
    const summarised = { byTarget, parameters: lossParameters(many), rowOf: (set: number) => lossRow(set, losses[set]!) };
    const { targets } = summarise(many, summarised, { bySet: new Map(), byCause: [], pointsByCause: [] }, 0);
    expect(targets[0]!.lowest.map(({ loss }) => loss)).toEqual(losses.slice(0, expected));
  });

  it('lists fewer sets for many targets, so that a summary stays below 16 MiB', () => {
    const losses = Float64Array.from({ length: 30 }, (_, at) => at);
    const many = makeJob({ sets: losses.length, replicates: 1, targets: ['fit'] });
    const listedOf = (targets: number) => {
      const byTarget = new Map(Array.from({ length: targets }, (_, at) => [`fit ${at}`, losses]));
      const summarised = { byTarget, parameters: lossParameters(many), rowOf: (set: number) => lossRow(set, losses[set]!) };
      const summary = summarise(many, summarised, { bySet: new Map(), byCause: [], pointsByCause: [] }, 0);
      expect(JSON.stringify(summary).length).toBeLessThan(12 * 2 ** 20);
      return summary.targets.map(({ lowest }) => lowest.length);
    };
    expect(new Set(listedOf(1_000))).toEqual(new Set([20]));
    expect(new Set(listedOf(4_000))).toEqual(new Set([5]));
  });
});
