import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

interface Manifest {
  readonly outputs: readonly { readonly task_id?: string; readonly kind?: string }[];
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

describe('results rm', () => {
  it('makes one task missing: validate says so, resume computes exactly it', async () => {
    await writeTiny(laptop, { xs: [1, 2, 3], replicates: 2 });
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    const { outputs } = await laptop.json<Manifest>('mops', 'jobs', 'manifest', job);
    const task = outputs.find(({ task_id }) => task_id !== undefined)!.task_id!;
    expect(await laptop.json('mops', 'results', 'rm', task.slice(0, 12), '--dry-run')).toMatchObject({ task_id: task, dry_run: true });
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'succeeded' });

    expect(await laptop.json('mops', 'results', 'rm', task.slice(0, 12))).toMatchObject({
      task_id: task,
      dry_run: false,
      packs: { replaced: [expect.any(String)] },
      jobs: [{ job, status: 'succeeded' }],
    });
    expect(await laptop.run('mops', 'results', 'rm', task)).toMatchObject({ status: 3 });
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({
      status: 'partial',
      status_code: 10,
      missing: { count: 2, first: [task, expect.stringMatching(/^fit of /)] },
    });
    expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ status: 'succeeded', tasks: 1, attempt: 2 });
    expect(await laptop.json('mops', 'store', 'check')).toMatchObject({ problems: [] });
  });
});
