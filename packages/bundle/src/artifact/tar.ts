import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

/** Node allocates no larger buffer on every platform. */
const LARGEST = 2 ** 31 - 1;

/**
 * The files of a gzipped tar, of at most `maxBytes` unpacked. Of modes only "executable" is read: setuid and the like are dropped.
 * @throws what `invalid` makes of it for damaged bytes, a larger archive, and an entry that is not a file
 */
export async function* readTarGzip(bytes: Uint8Array, maxBytes: number, invalid: (error: unknown) => Error): AsyncIterable<TarFile> {
  const { extract } = await import('tar-stream');
  const reader = extract();
  try {
    reader.end(await promisify(gunzip)(bytes, { maxOutputLength: Math.min(maxBytes, LARGEST) }));
  } catch (error) {
    throw invalid((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'a layer unpacks to more than its files' : error);
  }
  const entries = reader[Symbol.asyncIterator]();
  for (;;) {
    const next = await entries.next().catch((error: unknown) => {
      throw invalid(error);
    });
    if (next.done === true) return;
    const { name, type, mode } = next.value.header;
    if (type !== 'file') throw invalid(`a layer holds a ${type}, ${JSON.stringify(name)}; bundles hold files only`);
    const pieces: Buffer[] = [];
    try {
      for await (const piece of next.value) pieces.push(piece as Buffer);
    } catch (error) {
      throw invalid(error);
    }
    yield { path: name, bytes: Buffer.concat(pieces), isExecutable: ((mode ?? 0) & 0o100) !== 0 };
  }
}
