import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createDigest, formatCount, ModelOpsError, messageOf } from '@modelops/contracts';
import type { BlobRef } from './bundle-provider.ts';
import type { BodySink } from './response-body.ts';
import { mismatch } from './verify.ts';

/**
 * Writes a blob to a new file, which exists only after `end` has resolved. Bytes are hashed while they are written; memory stays small.
 * @throws BUNDLE_INVALID for bytes that differ from the digest or exceed `size`; FILE_INVALID if the file cannot be written
 */
export function createVerifiedFile(file: string, { digest, size }: BlobRef, where: string): BodySink {
  const hash = createDigest();
  const stream = createWriteStream(file, { mode: 0o644, flags: 'wx' });
  let failure: unknown;
  stream.on('error', (error) => {
    failure ??= error;
  });
  let written = 0;
  const checkWritten = () => {
    if (failure === undefined) return;
    throw new ModelOpsError('FILE_INVALID', `cannot write ${file}: ${messageOf(failure)}`, { cause: failure });
  };
  const remove = async () => {
    stream.destroy();
    await rm(file, { force: true });
  };
  const refuse = async (error: ModelOpsError) => {
    await remove();
    throw error;
  };
  return {
    async write(bytes) {
      written += bytes.byteLength;
      if (written > size) throw mismatch(`${where} sent more than the ${formatCount(size)} bytes of ${digest}`);
      hash.update(bytes);
      if (!stream.write(bytes)) await settled(stream, 'drain');
      checkWritten();
    },
    async end() {
      stream.end();
      if (!stream.closed) await settled(stream, 'close');
      checkWritten();
      if (written !== size) await refuse(mismatch(`${where} sent ${written} bytes for the ${size} of ${digest}`));
      const actual = hash.digest();
      if (actual !== digest) await refuse(mismatch(`${where} sent ${actual} for ${digest}`));
    },
    abort: remove,
  };
}

function settled(stream: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => {
    stream.once(event, () => resolve());
    stream.once('error', () => resolve());
  });
}
