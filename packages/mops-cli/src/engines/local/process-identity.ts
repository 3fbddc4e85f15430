import { readFileSync } from 'node:fs';

/** A process by its number and the moment it started, so that a number used again is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, from /proc; null where there is no /proc. */
  readonly started: string | null;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) };
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return started === null || startOf(pid) === started;
}

/** Sends a signal to the process if it is still the same one. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(identity)) {
    try {
      process.kill(identity.pid, signal);
    } catch {} // it ended in between
  }
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'zombie' : fields[19]!;
  } catch {
    return null;
  }
}
