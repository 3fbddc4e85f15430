import { mebibytes } from './container-memory.ts';
import type { TaskError } from './task-error.ts';

/** How a host process ended. */
export interface HostEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its stderr. */
  readonly stderr: string;
  /** True if the container's count of processes killed for memory increased during its life. */
  readonly isOomKilled: boolean;
  /** Bytes, if known. */
  readonly containerLimit: number | undefined;
  readonly heapLimit: number | undefined;
}

/** Describes how a host ended: out of memory (with the limit), by a signal, or with an exit status. */
export function describeEnd({ code, signal, stderr, isOomKilled, containerLimit, heapLimit }: HostEnd): TaskError {
  if (signal === 'SIGKILL' && isOomKilled) return outOfMemory(containerLimit, 'the kernel killed the model host');
  if (/heap out of memory|MemoryError|Allocation failed/.test(stderr)) return outOfMemory(heapLimit, 'the model host exhausted its heap');
  if (signal === 'SIGKILL') return crash('Killed', 'the model host was killed (SIGKILL), as the kernel does when memory runs out');
  if (signal !== null) return crash(signal, `the model host died of ${signal}`);
  return crash('Exit', `the model host exited with status ${code} before it answered`);
}

function outOfMemory(limit: number | undefined, what: string): TaskError {
  const named = limit === undefined ? '' : `, limit ${mebibytes(limit)}`;
  return { kind: 'out_of_memory', type: 'OutOfMemory', message: `out of memory${named}: ${what}` };
}

function crash(type: string, message: string): TaskError {
  return { kind: 'crash', type, message };
}

export type RequestKind = 'load' | 'run' | 'evaluate';

/** @param limit milliseconds */
export function describeTimeout(kind: RequestKind, limit: number): TaskError {
  const seconds = `its limit of ${limit / 1000} s`;
  const what = {
    load: `the model took longer to load than ${seconds}`,
    run: `the task ran longer than ${seconds}`,
    evaluate: `the evaluation ran longer than ${seconds}`,
  };
  return { kind: 'timeout', type: 'Timeout', message: what[kind] };
}
