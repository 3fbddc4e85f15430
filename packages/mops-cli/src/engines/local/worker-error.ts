import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Number of bytes read from the end of a log. */
const TAIL_BYTES = 64 * 1024;
/** How a worker logs the error that stopped it: the time, then a code, or what kind of error it is. */
const ERROR = /^\d{4}-\d\d-\d\dT[\d:.]+Z ((?:[A-Z][A-Z_]+|defect|the model does not load): .*)$/;
const LONGEST = 500;

/** The last error that a worker logged as the reason why it stopped; undefined where there is none. */
export function lastWorkerError(log: string): string | undefined {
  for (const part of [log, `${log}.1`]) {
    const errors = tailOf(part)
      .split('\n')
      .flatMap((line) => ERROR.exec(line)?.[1] ?? []);
    if (errors.length > 0) return errors.at(-1)!.slice(0, LONGEST);
  }
  return undefined;
}

function tailOf(file: string): string {
  let log: number;
  try {
    log = openSync(file, 'r');
  } catch {
    return ''; // this worker has not started yet
  }
  try {
    const { size } = fstatSync(log);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    return bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(log);
  }
}
