import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';

/** Waits for the end of a process. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 30_000 });
}

function isAlive(pid: number): boolean {
  try {
    // A zombie whose parent has not looked yet is gone.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0] !== 'Z';
  } catch {
    return false;
  }
}
