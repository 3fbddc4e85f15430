import { readSync, writeSync } from 'node:fs';
import { bodyLength, decodeBody, encodeFrame, type Frame, FrameTooLarge } from './frames.ts';
import type { LoadMessage, RunMessage } from './messages.ts';
import type { TaskError } from './task-error.ts';

const IN = 3;
const OUT = 4;
/** Bytes of one write: a system call takes less than 2 GiB. */
const MAX_WRITE = 2 ** 30;
/** A batch that takes longer than this reports its current task, so that the worker can limit the time of one task. */
const TICK_MS = 100;

/** What a host in Node answers. */
export interface HostAnswers {
  /** Loads the model; gives the header of the answer. What it throws is passed to `failed`. */
  load(message: LoadMessage): Promise<object>;
  failed(error: unknown, message: LoadMessage): TaskError;
  run(batch: RunMessage): Frame | Promise<Frame>;
  evaluate(frame: Frame): Frame;
}

/** Answers frames on descriptors 3 (in) and 4 (out) until the input ends; then ends the process. */
export async function serveFrames({ load, failed, run, evaluate }: HostAnswers): Promise<never> {
  for (let frame = readFrame(); frame !== undefined; frame = readFrame()) {
    if (frame.header.type === 'load') {
      const message = frame.header as unknown as LoadMessage;
      try {
        send({ header: { type: 'loaded', ...(await load(message)) }, buffers: [] });
      } catch (error) {
        send({ header: { type: 'load_failed', error: failed(error, message) }, buffers: [] });
      }
    } else if (frame.header.type === 'run') {
      sendOrSayWhy(await run(frame.header as unknown as RunMessage));
    } else {
      send(evaluate(frame));
    }
  }
  process.exit(0);
}

/** Names the tasks of a batch as they begin, where the batch takes long. */
export function createTicker(): (task: number, now: number) => void {
  let ticked = performance.now();
  return (task, now) => {
    if (now - ticked <= TICK_MS) return;
    send({ header: { type: 'tick', task }, buffers: [] });
    ticked = now;
  };
}

function readExactly(length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const read = readSync(IN, bytes, at, length - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  return bytes;
}

function readFrame(): Frame | undefined {
  const prefix = readExactly(4);
  const body = prefix && readExactly(bodyLength(prefix));
  return body && decodeBody(body);
}

function send(frame: Frame): void {
  const bytes = encodeFrame(frame);
  for (let at = 0; at < bytes.length; ) at += writeSync(OUT, bytes, at, Math.min(bytes.length - at, MAX_WRITE));
}

/** What is too large to be sent is the task's failure, and not the host's. */
function sendOrSayWhy(frame: Frame): void {
  try {
    send(frame);
  } catch (error) {
    if (!(error instanceof FrameTooLarge)) throw error;
    send({ header: { type: 'too_large', message: `the outputs have ${error.message}` }, buffers: [] });
  }
}
