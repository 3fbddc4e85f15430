import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare, programFile } from './laptop.ts';
import { query } from './query.ts';

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

/** The output of a command to a separate terminal (`script` is part of Debian). */
function inTerminal(command: string): Promise<string> {
  const options = { cwd: laptop.dir, env: { ...laptop.env, TERM: 'xterm', NO_COLOR: '1' } };
  return new Promise((resolve, reject) =>
    execFile('script', ['-qec', command, '/dev/null'], options, (error, stdout) => (error === null ? resolve(stdout) : reject(error))),
  );
}

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
    const screen = await inTerminal(`${process.execPath} ${programFile('mops')} watch ${job}`);
    expect(screen.indexOf('\u001b[?1049h')).toBeLessThan(screen.indexOf('\u001b[?1049l'));
    expect(screen).toContain('32 / 32');
    expect(screen).toMatch(/best.*prevalence/);
  });
});
