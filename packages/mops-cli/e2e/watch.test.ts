import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInTerminal, type TerminalStep } from '@modelops/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare, programFile } from './laptop.ts';
import { query } from './query.ts';
import { openHeld } from './tiny/held.ts';
import { untilHeld } from './tiny/processes.ts';

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

/** `mops watch` in a terminal of its own. */
const watch = ({ dir, env }: Laptop, words: readonly string[], steps: readonly TerminalStep[]) =>
  runInTerminal([process.execPath, programFile('mops'), 'watch', ...words], steps, {
    cwd: dir,
    env: { ...env, TERM: 'xterm', NO_COLOR: '1' },
  });

describe('mops watch', () => {
  it('prints lines without a terminal until the job ends, and leaves a page that no longer reloads', async () => {
    await prepare(laptop, { sets: 64, replicates: 4 });
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'study.json', '--auto');
    const { status, stdout, stderr } = await laptop.run('mops', 'watch', job, '--interval', '0.1', '--html', 'live.html');
    expect([status, stdout]).toEqual([0, expect.stringContaining(`${job} succeeded: 256 of 256 tasks`)]);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(new RegExp(`^${job}  succeeded  256 / 256  100 %  best prevalence \\d+$`));
    expect(lines.every((line) => line.startsWith(`${job}  `))).toBe(true);
    const page = readFileSync(join(laptop.dir, 'live.html'), 'utf8');
    expect(page).toContain('id="target-prevalence"');
    expect(page).not.toContain('http-equiv="refresh"');
    const seen = await laptop.json<{ jobs: { best: { target: string; loss: number }[] }[] }>('mops', 'watch', job);
    const [best] = await query<{ loss: number }>(`SELECT min(loss) AS loss FROM '${laptop.store}/results/${job}/losses.parquet'`);
    expect(seen.jobs[0]!.best).toEqual([expect.objectContaining({ target: 'prevalence', loss: best!.loss })]);
  });

  it('uses the whole screen of a terminal and restores it', async () => {
    await prepare(laptop, { sets: 16, replicates: 2 });
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    const { output, status } = await watch(laptop, [job], []);
    expect(status).toBe(0);
    expect(output.indexOf('\u001b[?1049h')).toBeLessThan(output.indexOf('\u001b[?1049l'));
    expect(output).toContain('32 / 32');
    expect(output).toMatch(/best.*prevalence/);
  });

  it('follows the size of the terminal, and is closed by q or Ctrl-C while the job continues', async () => {
    const held = await openHeld({ xs: [5], replicates: 2 });
    try {
      const { job } = await held.laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--workers', '1');
      await untilHeld(held.hold);
      // The view updates itself only after an hour, so the second frame is due to the new size.
      const words = [job, '--interval', '3600'];
      const resized = await watch(held.laptop, words, [{ until: 'q or Ctrl-C' }, { size: [70, 3] }, { until: '\u001b[H' }, { type: 'q' }]);
      expect(resized.status).toBe(13);
      const [, first, second, ...more] = resized.output.split('\u001b[H');
      const linesIn = (frame: string | undefined) => frame!.split('\u001b[K').length - 1;
      expect([linesIn(first) > 3, linesIn(second), more]).toEqual([true, 3, []]);
      expect(resized.output.split('\u001b[?1049l')[1]).toMatch(/running: 0 of 2 tasks\s*$/);
      const interrupted = await watch(held.laptop, words, [{ until: 'q or Ctrl-C' }, { type: '\u0003' }]);
      expect([interrupted.status, interrupted.output.split('\u001b[?1049l')]).toEqual([130, [expect.any(String), expect.any(String)]]);
      expect((await held.laptop.run('mops', 'jobs', 'status', job)).stdout).toContain('running');
    } finally {
      await held.close();
    }
  });
});
