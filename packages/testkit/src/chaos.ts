import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Numbers in [0, 1), the same for the same seed: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When to kill a process: after so many lines on its stdout and a busy moment, milliseconds. */
export interface KillPoint {
  readonly lines: number;
  readonly moment: number;
}

/** Runs a Node program until its kill point, and gives the whole lines that it wrote. @throws when it ended by itself, with what it said */
export async function runUntilKilled(file: string, args: readonly string[], { lines, moment }: KillPoint): Promise<string[]> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length !== lines) continue;
    const end = performance.now() + moment;
    while (performance.now() < end);
    child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error(`${file} ended before it was killed: ${said}`);
  return printed;
}
