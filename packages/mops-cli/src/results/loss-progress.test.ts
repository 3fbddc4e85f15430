import { describe, expect, it } from 'vitest';
import { sharedSets } from './compare-jobs.ts';
import { listResults } from './list-results.ts';
import { lossProgress } from './loss-progress.ts';
import { createWorld } from './testing/world.ts';

const refuse = (problem: string) => expect.fail(problem);

async function threeJobs() {
  const world = createWorld();
  const losses = [
    [5, 3],
    [4, 4],
    [1, 2],
  ];
  const jobs = [];
  for (const [at, values] of losses.entries()) {
    const job = await world.register({ sets: [{ beta: 10 * at }, { beta: 10 * at + 1 }], targets: ['fit'] });
    await world.compute(job, [0, 1]);
    await world.index(job, (set) => values[set]!);
    jobs.push(job);
  }
  return { world, jobs };
}

describe('listed results', () => {
  it('are the lowest loss of each target, newest job first; a job without results is listed, a damaged summary reported', async () => {
    const { world, jobs } = await threeJobs();
    const empty = await world.register({ sets: [{ beta: 99 }], targets: ['fit'] });
    const listed = await listResults({}, world.stores, refuse);
    expect(listed.map(({ job, targets }) => [job, targets?.[0]?.best?.loss])).toEqual([
      [empty.id, undefined],
      [jobs[2]!.id, 1],
      [jobs[1]!.id, 4],
      [jobs[0]!.id, 3],
    ]);
    await world.stores.objects.put(`results/${jobs[0]!.id}/summary.json`, new TextEncoder().encode('{'));
    const problems: string[] = [];
    expect((await listResults({}, world.stores, (problem) => problems.push(problem))).at(-1)!.targets).toBeNull();
    expect(problems).toEqual([expect.stringContaining(`${jobs[0]!.id}/summary.json`)]);
  });
});

describe('progress', () => {
  it('is the lowest loss so far, oldest job first', async () => {
    const { world } = await threeJobs();
    const { target, steps } = await lossProgress(await listResults({}, world.stores, refuse), undefined, world.stores.objects);
    expect(target).toBe('fit');
    expect(steps.map(({ best_loss, best_so_far, is_new_best }) => [best_loss, best_so_far, is_new_best])).toEqual([
      [3, 3, true],
      [4, 3, false],
      [1, 1, true],
    ]);
  });

  it('restarts when the target changes', async () => {
    const { world, jobs } = await threeJobs();
    const key = `results/${jobs[1]!.id}/manifest.json`;
    const manifest = JSON.parse(new TextDecoder().decode((await world.stores.objects.get(key))!.bytes));
    manifest.targets[0].digest = `sha256:${'0'.repeat(64)}`;
    await world.stores.objects.put(key, new TextEncoder().encode(JSON.stringify(manifest)));
    const { steps } = await lossProgress(await listResults({}, world.stores, refuse), 'fit', world.stores.objects);
    expect(steps.map(({ best_so_far }) => best_so_far)).toEqual([3, 4, 1]);
  });

  it('lists the targets if one must be chosen', async () => {
    const { world } = await threeJobs();
    const other = await world.register({ sets: [{ beta: 7 }], targets: ['deaths'] });
    await world.compute(other, [0]);
    await world.index(other);
    const jobs = await listResults({}, world.stores, refuse);
    await expect(lossProgress(jobs, undefined, world.stores.objects)).rejects.toMatchObject({
      hint: 'name one with --target: deaths, fit',
    });
    await expect(lossProgress(jobs, 'x', world.stores.objects)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });
});

it('shared sets have the same seeds unless a job sets its own', async () => {
  const world = createWorld();
  const a = await world.register({ sets: [{ beta: 1 }, { beta: 2 }, { beta: 3 }], replicates: 2 });
  const b = await world.register({ sets: [{ beta: 2 }, { params: { beta: 3 }, seed: 5 }, { beta: 4 }], replicates: 3 });
  expect(sharedSets(a, b)).toEqual({ sets: 2, same_seeds: 1 });
  const c = await world.register({ sets: [{ beta: 2 }, { beta: 1 }], replicates: 4 });
  expect(sharedSets(a, c)).toEqual({ sets: 2, same_seeds: 2 });
});
