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

/** A job of six tasks that has succeeded. */
async function succeeded(): Promise<{ job: string; tasks: string[] }> {
  await writeTiny(laptop, { xs: [1, 2, 3], replicates: 2 });
  const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--workers', '1', '--wait');
  const { outputs } = await laptop.json<Manifest>('mops', 'jobs', 'manifest', job);
  return { job, tasks: outputs.flatMap(({ task_id }) => task_id ?? []) };
}

describe('results rm', { timeout: 300_000 }, () => {
  it('makes one task missing: validate reports it, resume computes only it', async () => {
    const { job, tasks } = await succeeded();
    const task = tasks[0]!;
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

  it('removes only one result while packs are compacted', async () => {
    const { job, tasks } = await succeeded();
    const compact = () => laptop.run('mops', 'store', 'compact', '--min-age', '0');
    const [removed] = await Promise.all([laptop.run('mops', 'results', 'rm', tasks[0]!), compact(), compact()]);
    expect(removed).toMatchObject({ status: 0 });
    expect(await compact()).toMatchObject({ status: 0 });
    expect((await laptop.run('mops', 'jobs', 'manifest', job, '--missing')).stdout.match(/^simulation\t[0-9a-f]{64}/gm)).toEqual([
      `simulation\t${tasks[0]}`,
    ]);
    expect(await laptop.json('mops', 'store', 'check')).toMatchObject({ problems: [] });
  });

  it('recomputes a removed result whose outputs were deleted, and leaves the others without outputs', async () => {
    const { job, tasks } = await succeeded();
    await laptop.run('mops', 'store', 'gc', '--evict', job, '--yes');
    expect(await laptop.json('mops', 'results', 'rm', tasks[0]!)).toMatchObject({ status_code: 0, task_id: tasks[0] });
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'partial', verified: tasks.length - 1 });
    expect(await laptop.json('mops', 'jobs', 'explain', job, tasks[1]!)).toMatchObject({ explanation: { state: 'evicted' } });
    expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(await laptop.json('mops', 'jobs', 'explain', job, tasks[0]!)).toMatchObject({ explanation: { state: 'exists' } });
    expect(await laptop.json('mops', 'store', 'check')).toMatchObject({ problems: [] });
  });
});
