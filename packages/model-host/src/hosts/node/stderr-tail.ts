const KEPT = 4096;

/**
 * The end of what this process has written to stderr since `clear`, through `console` or `process.stderr`; it still goes where it went.
 * The stream is opened by the first who writes, as ever: an open one makes raw writes to the same descriptor fail when the reader is slow.
 */
export function watchStderr(): { clear(): void; text(): string } {
  let tail = '';
  const open = Object.getOwnPropertyDescriptor(process, 'stderr')!.get!;
  let watched: NodeJS.WriteStream | undefined;
  const watch = (): NodeJS.WriteStream => {
    const stream = open.call(process) as NodeJS.WriteStream;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      tail = (tail + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).slice(-KEPT);
      return write(chunk, ...rest);
    };
    return stream;
  };
  Object.defineProperty(process, 'stderr', {
    configurable: true,
    enumerable: true,
    get: () => {
      watched ??= watch();
      return watched;
    },
  });
  return {
    clear() {
      tail = '';
    },
    text: () => tail,
  };
}
