import { createHash } from 'node:crypto';
import { ModelOpsError } from '@modelops/contracts';
import type { ParquetColumn } from './columns.ts';
import type { ColumnLimits } from './decode-column.ts';
import { isSealed } from './file-frame.ts';
import { type ParquetTable, readParquet } from './read-parquet.ts';
import { joinParquet, parquetParts } from './write-parquet.ts';

/** More than a pack holds: a pack of compaction has 250,000 results. */
const LIMITS: ColumnLimits = { rows: 2 ** 22, bytes: 2 ** 29 };

/**
 * A Parquet file with the SHA-256 of its own bytes between its last page and its footer, where the format permits any bytes and
 * readers skip them. An index contains the digests of its pack's files; its own digest is in the seal.
 */
export function writeSealed(columns: readonly ParquetColumn[]): Uint8Array {
  const { body, footer } = parquetParts(columns);
  const digest = createHash('sha256');
  for (const part of body) digest.update(part);
  return joinParquet([...body, digest.update(footer).digest()], footer);
}

/** @throws STORE_CORRUPT if any byte has changed since it was written. */
export function readSealed(bytes: Uint8Array): ParquetTable {
  if (!isSealed(bytes)) throw new ModelOpsError('STORE_CORRUPT', 'its bytes have changed since it was written');
  return readParquet(bytes, LIMITS);
}
