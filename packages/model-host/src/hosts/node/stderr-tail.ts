const KEPT = 4096;

/**
 * The end of what this process has written to stderr since `clear`, through `console` or `process.stderr`; it still goes where it went. Writes to
 * stdout and stderr wait for a slow reader: a host does not return to its event loop, so what Node queues would be lost when the host is killed.
 * A stream is opened by the first write to it, since opening changes how its descriptor behaves.
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

/** Pipes and sockets alone: writes to files and terminals wait already. */
function waitForReader(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { readonly _handle?: { setBlocking?(isBlocking: boolean): void } };
  handle?.setBlocking?.(true);
}
