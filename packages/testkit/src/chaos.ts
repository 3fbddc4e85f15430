import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Reproducible random numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When to kill a process: after this number of lines on its stdout, and then this number of milliseconds. */
export interface KillPoint {
  readonly lines: number;
  readonly delayMs: number;
}

/** Runs a Node program until its kill point and returns the whole lines that it printed. @throws with its stderr if it ended by itself */
export async function runUntilKilled(file: string, args: readonly string[], { lines, delayMs }: KillPoint): Promise<string[]> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length !== lines) continue;
    const end = performance.now() + delayMs;
    while (performance.now() < end);
    child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error(`${file} ended before it was killed: ${stderr}`);
  return printed;
}
