import { createReadStream } from 'node:fs';
import { pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface TarEntry {
  readonly path: string;
  /** From the header; `pieces` has at most as many bytes. */
  readonly size: number;
  readonly isExecutable: boolean;
  /** Must be read to the end before the next entry. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/**
 * The files of a gzipped tar, one after the other, of at most `maxBytes` uncompressed; never in memory as a whole (tar-stream refuses a header of
 * more than 4 MiB). Of the mode, only the executable bit is kept: setuid and other bits are dropped.
 * @throws the error of `invalid` for damaged bytes, a larger archive, and an entry that is not a file
 */
export async function* readTarGzip(file: string, maxBytes: number, invalid: (reason: unknown) => Error): AsyncIterable<TarEntry> {
  const { extract } = await import('tar-stream');
  const reader = extract();
  let total = 0;
  const counter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      total += piece.byteLength;
      if (total > maxBytes) done(new Error('a layer unpacks to more than its files'));
      else done(null, piece);
    },
  });
  const source = createReadStream(file);
  pipeline(source, createGunzip(), counter, reader, () => undefined); // an error of one stream destroys all; the reader throws it
  try {
    for await (const entry of reader) {
      const { name, type, mode, size = 0 } = entry.header;
      if (type !== 'file') throw new Error(`a layer contains a ${type}, ${JSON.stringify(name)}; bundles contain only files`);
      yield { path: name, size, isExecutable: ((mode ?? 0) & 0o100) !== 0, pieces: piecesOf(entry as AsyncIterable<Uint8Array>, invalid) };
    }
  } catch (error) {
    throw invalid(error);
  } finally {
    source.destroy();
  }
}

async function* piecesOf(entry: AsyncIterable<Uint8Array>, invalid: (reason: unknown) => Error): AsyncIterable<Uint8Array> {
  try {
    yield* entry;
  } catch (error) {
    throw invalid(error);
  }
}
