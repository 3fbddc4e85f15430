// The frame of a Parquet file: its first and last bytes, and the seal before its footer.
import { createHash } from 'node:crypto';
import type { ColumnMetaData } from 'hyparquet';

export const MAGIC = Buffer.from('PAR1', 'latin1');
/** Bytes of the seal: a SHA-256. */
const SEAL = 32;

/** Where the footer of a Parquet file begins. @throws RangeError when the bytes are not such a file. */
export function footerStart(bytes: Uint8Array): number {
  const size = bytes.length;
  const isFramed = size >= 12 && MAGIC.equals(bytes.subarray(0, 4)) && MAGIC.equals(bytes.subarray(size - 4));
  if (!isFramed) throw new RangeError('not a complete Parquet file');
  const start = size - 8 - new DataView(bytes.buffer, bytes.byteOffset).getUint32(size - 8, true);
  if (start < MAGIC.length) throw new RangeError('the footer is longer than the file');
  return start;
}

/** Whether the file has the seal that `writeSealed` gives it, and every byte is as it was then. */
export function isSealed(bytes: Uint8Array): boolean {
  let footer: number;
  try {
    footer = footerStart(bytes);
  } catch {
    return false;
  }
  if (footer < SEAL + 4) return false;
  const seal = sealOf([bytes.subarray(0, footer - SEAL), bytes.subarray(footer, -8)]);
  return seal.equals(bytes.subarray(footer - SEAL, footer));
}

/** The seal of a file's pieces: its pages and its footer. */
export function sealOf(pieces: readonly Uint8Array[]): Buffer {
  const digest = createHash('sha256');
  for (const piece of pieces) digest.update(piece);
  return digest.digest();
}

/** A column whose pages are `by` bytes further on. */
export function shifted({ data_page_offset, dictionary_page_offset, ...meta }: ColumnMetaData, by: bigint): ColumnMetaData {
  const dictionary = dictionary_page_offset === undefined ? {} : { dictionary_page_offset: dictionary_page_offset + by };
  return { ...meta, data_page_offset: data_page_offset + by, ...dictionary };
}
