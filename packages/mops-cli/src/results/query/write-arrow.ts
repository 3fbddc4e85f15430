import { open } from 'node:fs/promises';
import { type DuckDBResult, type DuckDBType, type DuckDBValue, DuckDBTypeId as Id } from '@duckdb/node-api';
import type { DataType, RecordBatch, Table } from 'apache-arrow';
import { microsOf, plainValue } from './plain-values.ts';

/** Rows per record batch. */
const BATCH = 65_536;

/** Writes the first `limit` rows of a result as an Arrow IPC file, a batch at a time. */
export async function writeArrow(result: DuckDBResult, path: string, limit: number): Promise<{ rows: number; truncated: boolean }> {
  const arrow = await import('apache-arrow');
  const counts = { rows: 0, truncated: false };
  const file = await open(path, 'wx');
  try {
    const writer = new arrow.RecordBatchFileWriter();
    const batches = async () => {
      for await (const batch of recordBatches(result, limit, counts)) writer.write(batch);
      writer.finish();
    };
    const writing = batches();
    for await (const bytes of writer) await file.write(bytes as Uint8Array);
    await writing;
    await file.sync();
  } finally {
    await file.close();
  }
  return counts;
}

/** A result as an Arrow table in memory. */
export async function arrowTable(result: DuckDBResult, limit = Number.POSITIVE_INFINITY): Promise<Table> {
  const arrow = await import('apache-arrow');
  const batches: RecordBatch[] = [];
  for await (const batch of recordBatches(result, limit)) batches.push(batch);
  return new arrow.Table(batches);
}

/** A result as Arrow record batches: at least one, so that an empty result has its columns. */
export async function* recordBatches(
  result: DuckDBResult,
  limit = Number.POSITIVE_INFINITY,
  counts = { rows: 0, truncated: false },
): AsyncIterable<RecordBatch> {
  const arrow = await import('apache-arrow');
  const names = result.deduplicatedColumnNames();
  const columns = await columnTypes(result.columnTypes());
  const schema = new arrow.Schema(names.map((name, at) => new arrow.Field(name, columns[at]!.type, true)));
  let held: DuckDBValue[][] = names.map(() => []);
  const flush = (): RecordBatch => {
    const length = held[0]?.length ?? 0;
    const children = columns.map(
      ({ type, convert }, at) =>
        arrow.vectorFromArray(
          held[at]!.map((value) => (value === null ? null : convert(value))),
          type,
        ).data[0]!,
    );
    held = names.map(() => []);
    return new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children }));
  };
  let yielded = false;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const take = Math.min(chunk.rowCount, limit - counts.rows);
    chunk.getColumns().forEach((values, at) => {
      for (let row = 0; row < take; row++) held[at]!.push(values[row]!);
    });
    counts.rows += take;
    if (take < chunk.rowCount) {
      counts.truncated = true;
      break;
    }
    if (held[0]!.length < BATCH) continue;
    yield flush();
    yielded = true;
  }
  if (!yielded || held[0]!.length > 0) yield flush();
}

interface ArrowColumn {
  readonly type: DataType;
  readonly convert: (value: DuckDBValue) => unknown;
}

/** Integers of more than 64 bits and decimals become doubles, as in DuckDB's Parquet; nested values JSON text. */
async function columnTypes(types: readonly DuckDBType[]): Promise<ArrowColumn[]> {
  const arrow = await import('apache-arrow');
  const same = (value: DuckDBValue) => value;
  const text = (value: DuckDBValue) => {
    const plain = plainValue(value);
    return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
  };
  return types.map(({ typeId }): ArrowColumn => {
    switch (typeId) {
      case Id.BOOLEAN:
        return { type: new arrow.Bool(), convert: same };
      case Id.TINYINT:
      case Id.SMALLINT:
      case Id.INTEGER:
      case Id.UTINYINT:
      case Id.USMALLINT:
        return { type: new arrow.Int32(), convert: same };
      case Id.UINTEGER:
      case Id.BIGINT:
        return { type: new arrow.Int64(), convert: (value) => BigInt(value as number | bigint) };
      case Id.UBIGINT:
        return { type: new arrow.Uint64(), convert: same };
      case Id.FLOAT:
      case Id.DOUBLE:
        return { type: new arrow.Float64(), convert: same };
      case Id.HUGEINT:
      case Id.UHUGEINT:
        return { type: new arrow.Float64(), convert: Number };
      case Id.DECIMAL:
        return { type: new arrow.Float64(), convert: plainValue };
      case Id.TIMESTAMP:
      case Id.TIMESTAMP_TZ:
      case Id.TIMESTAMP_S:
      case Id.TIMESTAMP_MS:
      case Id.TIMESTAMP_NS:
      case Id.DATE:
        return { type: new arrow.TimestampMicrosecond('UTC'), convert: (value) => Number(microsOf(value)!) / 1000 };
      default:
        return { type: new arrow.Utf8(), convert: text };
    }
  });
}
