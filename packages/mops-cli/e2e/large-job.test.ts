import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove(), TIMEOUT);

/** Enough tasks that validation computes their ids in a thread. */
it('a single removed result among 250,000 tasks is detected and recomputed', { timeout: TIMEOUT }, async () => {
  await writeTiny(laptop, { xs: [1, 2, 3, 4], replicates: 62_500, targets: false });
  const { job, ...ended } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
  expect(ended).toMatchObject({ status: 'succeeded' });
  const manifest = await laptop.run('mops', 'jobs', 'manifest', job);
  const task = manifest.stdout.split('\n')[200_000]!.split('\t')[1]!;
  expect(await laptop.run('mops', 'results', 'rm', task)).toMatchObject({ status: 0 });
  const missing = { count: 1, first: [task] };
  expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'partial', verified: 249_999, missing });
  expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ tasks: 1, status: 'succeeded' });
});
