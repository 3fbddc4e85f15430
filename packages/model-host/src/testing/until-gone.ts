import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';

/** Waits until a process has ended. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 30_000 });
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended; its parent has not reaped it yet.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0] !== 'Z';
  } catch {
    return false;
  }
}
