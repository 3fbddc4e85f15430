import { readSync, writeSync } from 'node:fs';
import { bodyLength, decodeBody, encodeFrame, type Frame, FrameTooLarge } from './frames.ts';
import type { LoadMessage, RunMessage } from './messages.ts';
import type { TaskError } from './task-error.ts';

const IN = 3;
const OUT = 4;
/** Maximum bytes of one write: a system call accepts less than 2 GiB. */
const MAX_WRITE = 2 ** 30;
/** A batch reports its current task at this interval, so that the worker can limit the time of one task. */
const TICK_MS = 100;

/** The request handlers of a Node host. */
export interface HostHandlers {
  /** Loads the model and returns the header of the answer. Errors are passed to `failed`. */
  load(message: LoadMessage): Promise<object>;
  failed(error: unknown, message: LoadMessage): TaskError;
  run(batch: RunMessage): Frame | Promise<Frame>;
  evaluate(frame: Frame): Frame;
}

/** Handles requests on descriptor 3 and writes answers to 4 until the input ends; then exits. */
export async function serveFrames({ load, failed, run, evaluate }: HostHandlers): Promise<never> {
  for (let frame = readFrame(); frame !== undefined; frame = readFrame()) {
    if (frame.header.type === 'load') {
      const message = frame.header as Frame['header'] & LoadMessage;
      try {
        send({ header: { type: 'loaded', ...(await load(message)) }, buffers: [] });
      } catch (error) {
        send({ header: { type: 'load_failed', error: failed(error, message) }, buffers: [] });
      }
    } else if (frame.header.type === 'run') {
      sendRan(await run(frame.header as Frame['header'] & RunMessage));
    } else {
      send(evaluate(frame));
    }
  }
  process.exit(0);
}

/** Reports the current task of a long batch. */
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

/** The next request on descriptor 3; undefined at the end of the input. */
export function readFrame(): Frame | undefined {
  const prefix = readExactly(4);
  const body = prefix && readExactly(bodyLength(prefix));
  return body && decodeBody(body);
}

/** Writes an answer to descriptor 4. @throws FrameTooLarge */
export function send(frame: Frame): void {
  const bytes = encodeFrame(frame);
  for (let at = 0; at < bytes.length; ) at += writeSync(OUT, bytes, at, Math.min(bytes.length - at, MAX_WRITE));
}

/** An answer that is too large is a failure of the task, not of the host. */
function sendRan(frame: Frame): void {
  try {
    send(frame);
  } catch (error) {
    if (!(error instanceof FrameTooLarge)) throw error;
    send({ header: { type: 'too_large', message: `the outputs have ${error.message}` }, buffers: [] });
  }
}
