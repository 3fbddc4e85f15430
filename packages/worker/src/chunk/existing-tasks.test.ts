import { TaskIdSet } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import { createExistingTasks } from './existing-tasks.ts';

function createLooks({ costMs, width = 1 }: { readonly costMs: number; readonly width?: number }) {
  const at = { now: 1_000_000, looks: 0 };
  const look = async () => {
    at.looks++;
    at.now += costMs;
    return new TaskIdSet();
  };
  return { at, existing: createExistingTasks(look, { now: () => at.now, width }) };
}

describe('createExistingTasks', () => {
  it.each([
    ['a quarter of a second later, where looks are cheap', { costMs: 1 }, 250],
    ['later the more workers look', { costMs: 1, width: 8 }, 2000],
    ['half a minute later, however many workers look', { costMs: 1, width: 1000 }, 30_000],
    ['twenty times as long after a look as it took', { costMs: 1000 }, 20_000],
  ])('looks again %s', async (_when, options, pause) => {
    const { at, existing } = createLooks(options);
    await existing();
    at.now += 30_000;
    await existing();
    at.now += pause - 1;
    await existing();
    expect(at.looks).toBe(2);
    at.now += 1;
    await existing();
    expect(at.looks).toBe(3);
  });

  it('does not take the first look, which reads every pack, for the cost of the next', async () => {
    const { at, existing } = createLooks({ costMs: 5000 });
    await existing();
    at.now += 250;
    await existing();
    expect(at.looks).toBe(2);
  });

  it('looks once for all who ask at the same time, and again after a clock was set back', async () => {
    const { at, existing } = createLooks({ costMs: 1 });
    await Promise.all([existing(), existing(), existing()]);
    expect(at.looks).toBe(1);
    at.now -= 3_600_000;
    await existing();
    expect(at.looks).toBe(2);
  });

  it('looks again after a look that failed', async () => {
    let fails = true;
    const look = async () => {
      if (fails) throw new Error('out of reach');
      return new TaskIdSet();
    };
    const existing = createExistingTasks(look, { now: Date.now, width: 1 });
    await expect(existing()).rejects.toThrow('out of reach');
    fails = false;
    expect((await existing()).size).toBe(0);
  });
});
