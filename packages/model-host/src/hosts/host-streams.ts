import type { Readable, Writable } from 'node:stream';
import { protocolError } from './answers.ts';
import { createFrameReader, encodeFrame, type Frame } from './frames.ts';
import type { TaskError } from './task-error.ts';

/** What connects this process to a host. */
export interface HostStreams {
  /** Frames to the host. */
  readonly input: Writable;
  /** Frames from the host. */
  readonly output: Readable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface StreamListener {
  onFrame(frame: Frame): void;
  /** What the model prints. */
  onOutput(text: string): void;
  /** The host sent something that is not a frame. */
  onInvalid(reason: TaskError): void;
}

export interface AttachedStreams {
  send(frame: Frame): void;
  /** The end of what the host wrote to stderr. */
  stderrTail(): string;
}

/** Length of the kept end of stderr, in characters. */
const STDERR_TAIL = 4096;

/** Reads everything that a host writes, as it comes: a host whose pipes fill up would stop. */
export function attachStreams(
  { input, output, stdout, stderr }: HostStreams,
  { onFrame, onOutput, onInvalid }: StreamListener,
): AttachedStreams {
  let tail = '';
  stdout.setEncoding('utf8').on('data', onOutput);
  stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL);
    onOutput(text);
  });
  // The end of the process is reported where it is waited for.
  for (const stream of [input, output, stdout, stderr]) stream.on('error', () => undefined);
  const read = createFrameReader(onFrame);
  output.on('data', (bytes: Buffer) => {
    try {
      read(bytes);
    } catch (error) {
      output.removeAllListeners('data').resume();
      onInvalid(protocolError(error));
    }
  });
  // A connection whose first message was read by another is paused.
  for (const stream of [output, stdout, stderr]) stream.resume();
  return { send: (frame) => void input.write(encodeFrame(frame)), stderrTail: () => tail };
}
