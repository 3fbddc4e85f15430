import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from './fs-errors.ts';

/** A process, told apart from a later one of the same number by when it started. */
export interface ProcessMark {
  /** Where its number means something: one start of a machine, and one PID namespace (a container) of it. */
  readonly place: string;
  readonly pid: number;
  /** Clock ticks from the machine's start to its own; empty where the platform does not tell. */
  readonly start: string;
}

let own: ProcessMark | undefined;

export function ownMark(): ProcessMark {
  own ??= { place: placeOf(), pid: process.pid, start: stateOf(process.pid)?.start ?? '' };
  return own;
}

/** `place.pid.start`; without any `/`, so that it may be part of a file's name. */
export function formatMark({ place, pid, start }: ProcessMark): string {
  return `${place}.${pid}.${start}`;
}

export function parseMark(text: string): ProcessMark | undefined {
  const match = /^([^.]+)\.(\d+)\.(\d*)$/.exec(text);
  return match === null ? undefined : { place: match[1]!, pid: Number(match[2]), start: match[3]! };
}

/** Whether a process has ended, which stays so; 'unknown' for one of another machine, container or start of this machine. */
export function hasEnded({ place, pid, start }: ProcessMark): boolean | 'unknown' {
  if (place !== ownMark().place) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return true;
  }
  const state = stateOf(pid); // not readable: a process of someone else, or a platform without /proc
  if (state === undefined || start === '') return false;
  return state.start !== start || state.isZombie;
}

/** A zombie is a killed process whose parent has not looked yet; in a container without an init it stays for ever. */
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
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return hostname().replace(/[^A-Za-z0-9-]/g, '-'); // not Linux
  }
}
