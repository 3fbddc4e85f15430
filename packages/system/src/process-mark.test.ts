import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { killMarked, MARK_VARIABLE, markedProcesses, newMark } from './process-mark.ts';

/** A shell, once it has printed the number of a process that it started in a session of its own. */
async function startShell(mark: string) {
  const env = { ...process.env, [MARK_VARIABLE]: mark };
  const shell = spawn('sh', ['-c', 'setsid sleep 1000 & echo $!; wait'], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  await expect.poll(() => markedProcesses(mark)).toEqual([shell.pid!, Number(line.toString())].sort((a, b) => a - b));
  return shell;
}

describe.skipIf(!existsSync('/proc/self/environ'))('killMarked (needs /proc)', () => {
  it('kills processes started in another session, and no process with another mark', async () => {
    const [mark, other] = [newMark(), newMark()];
    const shell = await startShell(mark);
    const kept = await startShell(other);
    killMarked(mark);
    await expect.poll(() => markedProcesses(mark)).toEqual([]);
    expect(shell.killed || (await once(shell, 'exit'))).toBeTruthy();
    expect(markedProcesses(other)).toHaveLength(2);
    killMarked(other, new Set([kept.pid!]));
    expect(markedProcesses(other)).toHaveLength(2);
    killMarked(other);
    await expect.poll(() => markedProcesses(other)).toEqual([]);
  });
});
