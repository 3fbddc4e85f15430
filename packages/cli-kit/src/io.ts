import { fstatSync, writeSync } from 'node:fs';
import { ModelOpsError } from '@modelops/contracts';

/** An output for text. A write resolves when the text has been written, so that the caller waits for a slow reader. */
export interface Output {
  write(text: string): Promise<void>;
  /** A terminal that understands escape sequences. */
  readonly isTty: boolean;
  /** Width in characters. */
  readonly columns: number;
  /** Height in lines. */
  readonly rows: number;
  /** Calls the listener when the size of the terminal has changed, until the returned function is called. */
  onResize(listener: () => void): () => void;
}

/** Everything that a program needs from its process. */
export interface ProgramIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls the listener at each Ctrl-C or SIGTERM, in place of ending the process, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /**
   * Calls the listener with the keys typed at the terminal, which are not echoed, until the returned function is called. Ctrl-C remains an interrupt.
   * Does nothing where stdin is not a terminal.
   */
  onKeys(listener: (keys: string) => void): () => void;
  /** Ends the process at once. */
  exit(status: number): void;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The process that this code runs in. */
export function processIo(): ProgramIo {
  return {
    stdout: translated(outputTo(1), unwritable),
    stderr: translated(outputTo(2), (error) => (isEpipe(error) ? undefined : error)),
    env: process.env,
    cwd: process.cwd(),
    now: () => performance.now(),
    onInterrupt: (listener) => {
      for (const signal of STOP_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, listener);
      };
    },
    onKeys,
    exit: (status) => process.exit(status),
  };
}

function onKeys(listener: (keys: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return ignore;
  const read = (bytes: Buffer) => {
    const keys = bytes.toString();
    // A terminal in raw mode sends the key, and no signal.
    if (keys.includes('\x03')) process.kill(process.pid, 'SIGINT');
    else listener(keys);
  };
  stdin.setRawMode(true);
  stdin.on('data', read);
  return () => {
    stdin.off('data', read);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

/** True for the error of writing to a pipe whose reader has closed it. */
export function isEpipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EPIPE';
}

/** A full or failing disk is not a defect of the program. */
function unwritable(cause: Error): Error {
  if (isEpipe(cause)) return cause;
  const hint = 'free some disk space, or write the output elsewhere';
  return new ModelOpsError('STORE_UNWRITABLE', 'cannot write the output', { cause, hint });
}

/** A terminal is written through Node's stream, which knows its size. Node takes 6 ms to load its streams: a file or pipe is written without them. */
function outputTo(fd: 1 | 2): Output {
  // Node keeps the values of the last stat: where they are those of a pipe and not bigint, its realpathSync returns links, and imports fail.
  return fstatSync(fd, { bigint: true }).isCharacterDevice() ? terminalOutput(fd === 1 ? process.stdout : process.stderr) : fileOutput(fd);
}

function fileOutput(fd: 1 | 2): Output {
  /** The last write that waits for a slow reader: later ones follow it. Others are done before the caller goes on. */
  let waiting: Promise<void> | undefined;
  const write = async (text: string) => {
    const bytes = Buffer.from(text);
    const written = waiting === undefined ? writeNow(fd, bytes) : 0;
    if (written === bytes.length) return;
    const last = (waiting ?? Promise.resolve()).catch(ignore).then(() => writeSlowly(fd, bytes.subarray(written)));
    waiting = last;
    const forget = () => {
      if (waiting === last) waiting = undefined;
    };
    last.then(forget, forget);
    await last;
  };
  return { write, isTty: false, columns: 80, rows: 24, onResize: () => ignore };
}

/** How often a write is repeated to a pipe that another program made non-blocking, while it is full. */
const RETRY_MS = 5;

async function writeSlowly(fd: number, bytes: Buffer): Promise<void> {
  for (let written = 0; ; ) {
    written += writeNow(fd, bytes.subarray(written));
    if (written === bytes.length) return;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Writes until all is written or the pipe is full; returns the number of bytes written. */
function writeNow(fd: number, bytes: Buffer): number {
  for (let written = 0; ; ) {
    if (written === bytes.length) return written;
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return written;
      // A socket says so once, if its reader closed it with text unread.
      throw code === 'ECONNRESET' ? Object.assign(error as Error, { code: 'EPIPE' }) : error;
    }
  }
}

function terminalOutput(stream: NodeJS.WriteStream): Output {
  // The write's callback reports the same error; without a listener it would end the process. Tests run many programs in one process.
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  return {
    write: (text) => new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve()))),
    get isTty() {
      return stream.isTTY === true && process.env.TERM !== 'dumb';
    },
    get columns() {
      // A terminal without a size reports 0.
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    onResize: (listener) => {
      stream.on('resize', listener);
      return () => stream.off('resize', listener);
    },
  };
}

function ignore(): void {}

/** An output whose errors are others; undefined hides an error, as that of a closed stderr. */
function translated(output: Output, translate: (error: Error) => Error | undefined): Output {
  const write = async (text: string) => {
    try {
      await output.write(text);
    } catch (cause) {
      const error = translate(cause as Error);
      if (error !== undefined) throw error;
    }
  };
  return Object.create(output, { write: { value: write } }) as Output;
}
