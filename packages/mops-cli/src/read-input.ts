import { formatBytes } from '@modelops/cli-kit';
import { ModelOpsError } from '@modelops/contracts';

/** The largest study or configuration that is read into memory. */
export const MAX_INPUT_BYTES = 256 * 2 ** 20;

/** A stream's text, UTF-8. @throws FILE_INVALID once it exceeds `limit` bytes */
export async function readText(stream: AsyncIterable<Uint8Array>, limit: number = MAX_INPUT_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit)
      throw new ModelOpsError('FILE_INVALID', `stdin is larger than ${formatBytes(limit)}`, {
        hint: 'write the study to a file and reduce it',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
