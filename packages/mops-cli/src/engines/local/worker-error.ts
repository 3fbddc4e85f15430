import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Number of bytes read from the end of a log. */
const TAIL_BYTES = 64 * 1024;
/** How a worker logs the error that stopped it: the time, then a code or the kind of error. */
const ERROR = /^\d{4}-\d\d-\d\dT[\d:.]+Z ((?:[A-Z][A-Z_]+|defect|the model does not load): .*)$/;
/** How Node prints an uncaught exception. */
const THROWN = /^([A-Z]\w*Error\b.*|Error: .*)$/;
const LONGEST = 500;

/** The last error that stopped a worker, from its log; undefined if there is none. */
export function lastWorkerError(log: string): string | undefined {
  return lastMatch(log, ERROR) ?? lastMatch(`${log}.1`, ERROR);
}

/** The last uncaught exception in the log of a supervisor; undefined if there is none. */
export function lastSupervisorError(log: string): string | undefined {
  return lastMatch(log, THROWN);
}

function lastMatch(log: string, pattern: RegExp): string | undefined {
  const errors = tailOf(log)
    .split('\n')
    .flatMap((line) => pattern.exec(line)?.[1] ?? []);
  return errors.at(-1)?.slice(0, LONGEST);
}

function tailOf(file: string): string {
  let log: number;
  try {
    log = openSync(file, 'r');
  } catch {
    return ''; // this process has not started yet
  }
  try {
    const { size } = fstatSync(log);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    return bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(log);
  }
}
