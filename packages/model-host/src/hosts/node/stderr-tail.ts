const KEPT = 4096;

/**
 * Records the end of this process's output to stderr since `clear`, through `console` or `process.stderr`; the output is still written. Writes to
 * stdout and stderr block for a slow reader: a host does not return to its event loop, so output that Node queues would be lost when the host is
 * killed. A stream is opened by the first write to it, since opening changes the behaviour of its descriptor.
 */
export function watchStderr(): { clear(): void; text(): string } {
  let tail = '';
  onOpening('stdout', waitForReader);
  onOpening('stderr', (stream) => {
    waitForReader(stream);
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      tail = (tail + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).slice(-KEPT);
      return write(chunk, ...rest);
    };
  });
  return {
    clear() {
      tail = '';
    },
    text: () => tail,
  };
}

function onOpening(name: 'stdout' | 'stderr', prepare: (stream: NodeJS.WriteStream) => void): void {
  const open = Object.getOwnPropertyDescriptor(process, name)!.get!;
  let stream: NodeJS.WriteStream | undefined;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get: () => {
      if (stream === undefined) {
        stream = open.call(process) as NodeJS.WriteStream;
        prepare(stream);
      }
      return stream;
    },
  });
}

/** For pipes and sockets: writes to files and terminals always block. */
function waitForReader(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { readonly _handle?: { setBlocking?(isBlocking: boolean): void } };
  handle?.setBlocking?.(true);
}
