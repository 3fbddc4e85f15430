import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from './errno.ts';

/** A process by its number and start, so that a later process with the same number is not mistaken for it. */
export interface ProcessIdentity {
  /** Where the number is valid: one boot of a machine, and one PID namespace (a container) on it. */
  readonly place: string;
  readonly pid: number;
  /** Clock ticks from boot to its start; empty where the platform has no /proc. */
  readonly start: string;
}

let own: ProcessIdentity | undefined;

export function ownProcess(): ProcessIdentity {
  own ??= { place: placeOf(), pid: process.pid, start: stateOf(process.pid)?.start ?? '' };
  return own;
}

/** A process of this machine and container that is running now. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { place: ownProcess().place, pid, start: stateOf(pid)?.start ?? '' };
}

/** `place.pid.start`: contains no `/`, so it can be part of a file name. */
export function formatProcess({ place, pid, start }: ProcessIdentity): string {
  return `${place}.${pid}.${start}`;
}

/** Reads what {@link formatProcess} writes; undefined for any other text. A process number is positive: 0 and −1 address groups. */
export function parseProcess(text: string): ProcessIdentity | undefined {
  const match = /^([^.]+)\.([1-9]\d{0,9})\.(\d{0,20})$/.exec(text);
  return match === null ? undefined : { place: match[1]!, pid: Number(match[2]), start: match[3]! };
}

/** Whether a process has ended, which is final; 'unknown' for a process of another machine, container or boot. */
export function hasEnded({ place, pid, start }: ProcessIdentity): boolean | 'unknown' {
  if (place !== ownProcess().place) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return true;
  }
  const state = stateOf(pid); // unreadable: a process of another user, or a platform without /proc
  if (state === undefined || start === '') return false;
  return state.start !== start || state.isZombie;
}

/** True for a process that runs on this machine, in this container, now. */
export function isRunning(identity: ProcessIdentity): boolean {
  return hasEnded(identity) === false;
}

/** Sends a signal to the process, if it still runs. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {} // it ended in between
}

/** A zombie is a killed process that its parent has not waited for; in a container without an init process it stays for ever. */
function stateOf(pid: number): { readonly start: string; readonly isZombie: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { start: fields[19]!, isZombie: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined; // ended, hidden or not Linux: the caller decides
  }
}

function placeOf(): string {
  try {
    return `${bootId().slice(0, 8)}-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return bootId(); // not Linux
  }
}

/** One boot of one machine, the same in all of its containers; where the platform has no boot id, the machine's name. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname().replace(/[^A-Za-z0-9-]/g, '-'); // not Linux
  }
}
