import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { namesIn } from './is-file.ts';

/** A variable that a process passes to everything it starts: it identifies processes that leave the process group or session. */
export const MARK_VARIABLE = 'MODELOPS_PROCESS_MARK';

export const newMark = (): string => randomUUID();

/** Each search finds the processes that those of the search before started meanwhile. */
const SEARCHES = 20;

/**
 * Kills every process with this mark in its environment, except `keep` and its descendants. Has no effect without /proc, or on a process
 * that was started with another environment. With `among`, the search begins
 * with these processes, and ends with them if none has the mark.
 */
export function killMarked(mark: string, keep: ReadonlySet<number> = new Set(), among?: Iterable<number>): void {
  for (let search = 0; search < SEARCHES; search++) {
    const found = markedProcesses(mark, search === 0 ? among : undefined).filter((pid) => pid !== process.pid && !descendsFrom(pid, keep));
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** Kills a process group, if it exists. */
export function killGroup(group: number): void {
  kill(-group);
}

/** The processes of this machine and container that have the mark. A zombie has no environment. */
export function markedProcesses(mark: string, among: Iterable<number> = allProcesses()): number[] {
  const marked = `${MARK_VARIABLE}=${mark}`;
  return [...among].filter((pid) => textOf(`/proc/${pid}/environ`).includes(marked));
}

function descendsFrom(pid: number, ancestors: ReadonlySet<number>): boolean {
  if (ancestors.size === 0) return false;
  for (let at = pid; at > 1; at = parentOf(at)) if (ancestors.has(at)) return true;
  return false;
}

function parentOf(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

/** None if the system is not Linux. */
function allProcesses(): number[] {
  return namesIn('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // it has ended, or belongs to another user
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it ended in between
}
