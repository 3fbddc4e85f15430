import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { onPath } from './tiny/on-path.ts';

const TIMEOUT = 600_000;
let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove(), TIMEOUT);

interface DocumentedCommand {
  readonly line: string;
  /** The exit status stated on the page; default 0. */
  readonly status: number;
}

/** The commands of a page, by code block. */
function commandsOf(page: string): DocumentedCommand[][] {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) =>
    block!
      .trimEnd()
      .split('\n')
      .map((line) => ({ line, status: Number(/ # exits (\d+)/.exec(line)?.[1] ?? 0) })),
  );
}

function inShell(line: string): Promise<{ line: string; status: number; output: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd: laptop.dir, env: onPath(laptop), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ line, status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, output: stdout + stderr });
    });
  });
}

/** A line of the page with the newest job in place of `JOB` and its first task in place of `TASK`. */
async function filled(line: string): Promise<string> {
  if (!/\b(JOB|TASK)\b/.test(line)) return line;
  const { jobs } = await laptop.json<{ jobs: { job: string }[] }>('mops', 'jobs', 'list', '--limit', '1');
  const { job } = jobs[0]!;
  if (!/\bTASK\b/.test(line)) return line.replaceAll(/\bJOB\b/g, job);
  const { stdout } = await laptop.must('mops', 'jobs', 'manifest', job);
  return line.replaceAll(/\bJOB\b/g, job).replaceAll(/\bTASK\b/g, stdout.split('\t')[1]!);
}

describe('docs/jobs.md', { timeout: TIMEOUT }, () => {
  it('has only commands that behave as described', async () => {
    writeFileSync(join(laptop.dir, 'examples.yaml'), 'horizon: 90\n');
    for (const line of ['modelops-bundle init epi-sim', 'modelops-bundle register-model models/seir.ts'])
      expect(await inShell(line)).toMatchObject({ status: 0 });
    const ran: string[] = [];
    for (const block of commandsOf('jobs.md')) {
      for (const { line, status } of block) {
        const command = await filled(line);
        const ended = await inShell(command);
        expect(ended, ended.output).toMatchObject({ line: command, status });
        ran.push(line);
      }
    }
    expect(ran.length).toBeGreaterThan(25);
    for (const name of [
      'submit',
      'list',
      'status',
      'wait',
      'logs',
      'cancel',
      'scale',
      'sync',
      'validate',
      'resume',
      'manifest',
      'explain',
      'failures',
      'delete',
    ])
      expect(
        ran.some((line) => line.includes(`mops jobs ${name}`)),
        name,
      ).toBe(true);
  });
});
