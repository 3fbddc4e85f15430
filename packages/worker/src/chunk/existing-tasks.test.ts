import { TaskIdSet } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import { createExistingTasks } from './existing-tasks.ts';

function createListings({ costMs, width = 1 }: { readonly costMs: number; readonly width?: number }) {
  const at = { now: 1_000_000, listings: 0 };
  const list = async () => {
    at.listings++;
    at.now += costMs;
    return new TaskIdSet();
  };
  return { at, existing: createExistingTasks(list, { now: () => at.now, width }) };
}

describe('createExistingTasks', () => {
  it.each([
    ['a quarter of a second later, if listings are cheap', { costMs: 1 }, 250],
    ['later with more workers', { costMs: 1, width: 8 }, 2000],
    ['half a minute later at most, with any number of workers', { costMs: 1, width: 1000 }, 30_000],
    ['after twenty times the duration of a listing', { costMs: 1000 }, 20_000],
  ])('lists again %s', async (_when, options, pause) => {
    const { at, existing } = createListings(options);
    await existing();
    at.now += 30_000;
    await existing();
    at.now += pause - 1;
    await existing();
    expect(at.listings).toBe(2);
    at.now += 1;
    await existing();
    expect(at.listings).toBe(3);
  });

  it('does not derive the pause from the first listing, which reads every pack', async () => {
    const { at, existing } = createListings({ costMs: 5000 });
    await existing();
    at.now += 250;
    await existing();
    expect(at.listings).toBe(2);
  });

  it('lists once for concurrent callers, and again after the clock was set back', async () => {
    const { at, existing } = createListings({ costMs: 1 });
    await Promise.all([existing(), existing(), existing()]);
    expect(at.listings).toBe(1);
    at.now -= 3_600_000;
    await existing();
    expect(at.listings).toBe(2);
  });

  it('lists again after a listing that failed', async () => {
    let fails = true;
    const list = async () => {
      if (fails) throw new Error('unreachable');
      return new TaskIdSet();
    };
    const existing = createExistingTasks(list, { now: Date.now, width: 1 });
    await expect(existing()).rejects.toThrow('unreachable');
    fails = false;
    expect((await existing()).size).toBe(0);
  });
});
