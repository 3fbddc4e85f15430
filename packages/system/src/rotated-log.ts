import { closeSync, copyFileSync, fstatSync, openSync, readSync, renameSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { codeOf, isAbsent } from './errno.ts';

/** Maximum size of a part, bytes. A log has two parts: the current one in `FILE`, and the one before it in `FILE.1`. */
const PART_BYTES = 16 * 2 ** 20;
/** Bytes read at a time; a longer line is read as several. */
const PIECE_BYTES = 64 * 1024;
/** First line of every part but the first: the number of parts before it. */
const HEADER = /^# part (\d{1,15})\n/;

/**
 * Opens the log in `file` and returns a function that appends text to it. The file is copied and then emptied, not replaced, so that it can be another
 * process's stderr too. On a full disk older lines are deleted to make room for new ones. Appending never throws.
 */
export function openRotatedLog(file: string, partBytes: number = PART_BYTES): (text: string) => void {
  const log = openSync(file, 'a');
  let part = partOf(file);
  const startPart = () => {
    truncateSync(file);
    writeSync(log, `# part ${++part}\n`);
  };
  const rotate = () => {
    copyFileSync(file, `${file}.1.tmp`);
    renameSync(`${file}.1.tmp`, `${file}.1`);
    startPart();
  };
  const append = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      // A line is not split between parts, unless it is longer than one.
      if (fstatSync(log).size > 0 && fstatSync(log).size + bytes.length - at > partBytes) rotate();
      const room = Math.max(1, partBytes - fstatSync(log).size);
      at += writeSync(log, bytes, at, Math.min(bytes.length - at, room));
    }
  };
  return (text) => {
    const bytes = Buffer.from(text);
    try {
      append(bytes);
    } catch (error) {
      if (codeOf(error) !== 'ENOSPC') return;
      try {
        for (const old of [`${file}.1.tmp`, `${file}.1`]) rmSync(old, { force: true });
        startPart();
        append(bytes);
      } catch {} // another program has taken the space
    }
  };
}

export interface LogLine {
  /** Which part of the log it is in, from 0. */
  readonly part: number;
  readonly text: string;
  /** True for a last line without its end: more of it may follow. */
  readonly isUnfinished?: true;
}

/** The non-empty lines of the log in `file`, oldest part first; none if there is no file. Holds one piece of it in memory. */
export function* readRotatedLog(file: string): Generator<LogLine> {
  yield* linesOf(`${file}.1`);
  yield* linesOf(file);
}

function* linesOf(file: string): Generator<LogLine> {
  const log = openOrSkip(file);
  if (log === undefined) return;
  try {
    const decoder = new StringDecoder('utf8');
    const piece = Buffer.alloc(PIECE_BYTES);
    let part: number | undefined;
    let held = '';
    for (let length = -1; length !== 0; ) {
      length = readSync(log, piece);
      held += length === 0 ? decoder.end() : decoder.write(piece.subarray(0, length));
      if (part === undefined) {
        part = Number(HEADER.exec(held)?.[1] ?? 0);
        held = held.replace(HEADER, '');
      }
      const lines = held.split('\n');
      held = length === 0 || lines.at(-1)!.length >= PIECE_BYTES ? '' : lines.pop()!;
      const isEnd = length === 0;
      for (const [at, text] of lines.entries())
        if (text !== '') yield { part, text, ...(isEnd && at === lines.length - 1 ? { isUnfinished: true } : {}) };
    }
  } finally {
    closeSync(log);
  }
}

function partOf(file: string): number {
  const log = openSync(file, 'r');
  try {
    const start = Buffer.alloc(32);
    return Number(HEADER.exec(start.toString('utf8', 0, readSync(log, start)))?.[1] ?? 0);
  } finally {
    closeSync(log);
  }
}

function openOrSkip(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
