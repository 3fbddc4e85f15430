import { expect, it } from 'vitest';
import type { RankedLoss } from '../results/best-losses.ts';
import { renderBest } from './render-best.ts';

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

it('prints a block for each target, and job and model where they differ in any block', () => {
  const text = renderBest([row('job-1', 'fit'), row('job-2', 'fit', { rank: 2, model: 'b'.repeat(64) }), row('job-1', 'deaths')], style);
  expect(text.split('\n\n').map((block) => block.split('\n')[0])).toEqual(['fit', 'deaths']);
  expect(titles(text)).toHaveLength(2);
  for (const line of titles(text)) expect(line.split(/ +/).slice(0, 4)).toEqual(['RANK', 'JOB', 'MODEL', 'PARAMETERS']);
  expect(text).toContain('models.m.M/baseline@bbbbbbbbbbbb');
});

it('prints neither for the sets of one job', () => {
  const text = renderBest([row('job-1', 'fit'), row('job-1', 'fit', { rank: 2 })], style);
  expect(titles(text).map((line) => line.split(/ +/)[1])).toEqual(['PARAMETERS']);
});
