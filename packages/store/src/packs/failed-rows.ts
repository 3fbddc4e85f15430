import { indexRows } from './index-rows.ts';
import type { ParquetTable } from './parquet/read-parquet.ts';
import type { FailedRow } from './rows.ts';

/** The rows of an index that failed. @throws STORE_CORRUPT */
export function failedRows(index: ParquetTable, pack: string): FailedRow[] {
  const places = index.list<string>('status').flatMap((status, at) => (status === 'failed' ? [at] : []));
  return indexRows(index, pack, places).map(({ outputs: _, worker: __, ...row }) => row);
}
