import { describe, expect, it } from 'vitest';
import { openProgress } from './progress.ts';
import { createMemoryOutput } from './testing/memory-io.ts';

async function open(isTty: boolean, columns = 120) {
  const stream = createMemoryOutput({ isTty, columns });
  let time = 0;
  const progress = await openProgress(stream, () => time);
  return {
    progress,
    text: () => stream.text,
    tick: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('progress on a terminal', () => {
  it('redraws a bar in place with rate and time left', async () => {
    const { progress, text, tick } = await open(true);
    progress.update({ done: 0, total: 1000 });
    tick(1000);
    progress.update({ done: 250, total: 1000, note: '3 failed' });
    expect(text()).toMatch(/G\[######\.{18}\] 250 \/ 1,000 {2}25 % {2}250\/s {2}3\.0 s left {2}3 failed\n$/);
  });

  it('shows no remaining time once the work has ended', async () => {
    const { progress, text, tick } = await open(true);
    progress.update({ done: 0, total: 4 });
    tick(1000);
    progress.update({ done: 3, total: 4, note: 'partial', isEnded: true });
    expect(text()).toMatch(/\] 3 \/ 4 {2}75 % {2}3\.0\/s {2}partial\n$/);
  });

  it('draws at most ten times per second', async () => {
    const { progress, text, tick } = await open(true);
    for (let done = 0; done <= 1000; done++) {
      progress.update({ done, total: 1000 });
      tick(1);
    }
    expect(text().match(/\[[#.]{24}\]/g)!.length).toBeLessThanOrEqual(11);
  });

  it('ends with the last state and a line break', async () => {
    const { progress, text, tick } = await open(true);
    progress.update({ done: 1, total: 2 });
    tick(1);
    progress.update({ done: 2, total: 2 });
    progress.finish();
    expect(text()).toMatch(/2 \/ 2 {2}100 %.*\n$/);
  });

  it('fits the width of the terminal', async () => {
    const { progress, text } = await open(true, 20);
    progress.update({ done: 1, total: 2, note: 'a long note that does not fit' });
    expect(
      Math.max(
        ...text()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(20);
  });

  it('never shows 100 % before the work is complete', async () => {
    const { progress, text } = await open(true);
    progress.update({ done: 99_999, total: 100_000 });
    expect(text()).toContain('99 %');
  });
});

describe('progress elsewhere', () => {
  it('prints a line for each tenth, and each five seconds between', async () => {
    const { progress, text, tick } = await open(false);
    for (let done = 0; done <= 100; done++) {
      progress.update({ done, total: 100 });
      tick(10);
    }
    progress.finish();
    expect(text().trimEnd().split('\n')).toHaveLength(10);
    expect(text()).toContain('50 / 100  50 %');
    expect(text()).not.toContain('\r');
    expect(text()).not.toContain('\x1b');
  });

  it('prints every five seconds when the total is unknown', async () => {
    const { progress, text, tick } = await open(false);
    for (let done = 0; done < 120; done++) {
      progress.update({ done });
      tick(100);
    }
    expect(text().trimEnd().split('\n')).toHaveLength(2);
  });

  it('prints the last state once', async () => {
    const { progress, text } = await open(false);
    progress.update({ done: 10, total: 10 });
    progress.finish();
    progress.finish();
    expect(text()).toBe('10 / 10  100 %\n');
  });
});
