import { expect, it } from 'vitest';
import type { RankedLoss, WeightedLoss } from '../results/best-losses.ts';
import { renderBest, renderWeighted } from './render-best.ts';

const style = { color: { isOn: false, bold: String, dim: String, red: String, green: String, yellow: String, cyan: String }, columns: 80 };

function row(job: string, target: string, { rank = 1, model = 'a'.repeat(64) } = {}): RankedLoss {
  return {
    rank,
    job_id: job,
    target,
    param_id: 'c'.repeat(64),
    params: { beta: 0.5 },
    loss: rank / 2,
    n_replicates: 3,
    entrypoint: 'models.m.M/baseline',
    model_digest: `sha256:${model}`,
  } as unknown as RankedLoss;
}

const titles = (text: string) => text.split('\n').filter((line) => line.startsWith('RANK'));

const OF_ONE = { isOfAllJobs: false };
const OF_ALL = { isOfAllJobs: true };

it('prints a block for each target, with the job and model of each row of all jobs', () => {
  const best = [row('job-1', 'fit'), row('job-2', 'fit', { rank: 2, model: 'b'.repeat(64) }), row('job-1', 'deaths')];
  const text = renderBest(best, OF_ALL, style);
  expect(text.split('\n\n').map((block) => block.split('\n')[0])).toEqual(['fit', 'deaths']);
  expect(titles(text)).toHaveLength(2);
  for (const line of titles(text)) expect(line.split(/ +/).slice(0, 4)).toEqual(['RANK', 'JOB', 'MODEL', 'PARAMETERS']);
  expect(text).toContain('models.m.M/baseline@bbbbbbbbbbbb');
});

it('prints job and model of the sets of all jobs also if they are the same in every row', () => {
  const [line] = titles(renderBest([row('job-1', 'fit')], OF_ALL, style));
  expect(line!.split(/ +/).slice(0, 4)).toEqual(['RANK', 'JOB', 'MODEL', 'PARAMETERS']);
  const { loss: _, target: __, ...set } = row('job-1', 'fit');
  const weighted: WeightedLoss = { ...set, loss: 4, replicate_mean: null, standard_error_bound: null, targets: {} };
  expect(
    titles(renderWeighted([weighted], {}, OF_ALL))[0]!
      .split(/ +/)
      .slice(0, 4),
  ).toEqual(['RANK', 'JOB', 'MODEL', 'PARAMETERS']);
});

it('prints neither for the sets of one job', () => {
  const text = renderBest([row('job-1', 'fit'), row('job-1', 'fit', { rank: 2 })], OF_ONE, style);
  expect(titles(text).map((line) => line.split(/ +/)[1])).toEqual(['PARAMETERS']);
});

it('prints ties of a weighted sum, and its error only where a set has one', () => {
  const { loss: _, target: __, ...set } = row('job-1', 'fit');
  const known = { loss: 2, replicate_mean: 2.5, standard_error: 0.25, n_replicates: 3 };
  const tied: WeightedLoss = { ...set, loss: 4, replicate_mean: 5, standard_error_bound: 0.5, targets: { fit: known } };
  const unknown = { ...tied, replicate_mean: null, standard_error_bound: null };
  const text = renderWeighted([tied, unknown], { fit: 2 }, OF_ONE);
  expect(titles(text)[0]).toMatch(/fit × 2 +WEIGHTED LOSS +REPLICATE MEAN +STD ERROR ≤ +REPLICATES$/);
  const cells = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/));
  expect(cells).toEqual([
    ['1=', 'c'.repeat(12), '0.5', '2', '4', '5', '0.5', '3'],
    ['1=', 'c'.repeat(12), '0.5', '2', '4', '-', '-', '3'],
  ]);
  expect(renderWeighted([unknown], { fit: 2 }, OF_ONE)).not.toContain('STD ERROR');
});
