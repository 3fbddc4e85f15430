import type { Readable, Writable } from 'node:stream';
import { protocolError } from './answers.ts';
import { createFrameReader, encodeFrame, type Frame } from './frames.ts';
import type { TaskError } from './task-error.ts';

/** The streams between this process and a host. */
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
  /** Called with the output that the model prints. */
  onOutput(text: string): void;
  /** Called for invalid data from the host. */
  onInvalid(reason: TaskError): void;
}

export interface AttachedStreams {
  send(frame: Frame): void;
  /** The end of the host's stderr. */
  stderrTail(): string;
}

/** Characters of stderr that are kept. */
const STDERR_TAIL = 4096;

/** Reads all output of a host immediately: a host with full pipes would block. */
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
  // The end of the process is reported elsewhere.
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
  // A connection whose first message has been read is paused.
  for (const stream of [output, stdout, stderr]) stream.resume();
  return { send: (frame) => void input.write(encodeFrame(frame)), stderrTail: () => tail };
}
