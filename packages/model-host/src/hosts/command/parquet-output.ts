import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { FileColumns } from './output-columns.ts';

interface Chunk {
  readonly rowStart: number;
  readonly columnData: ArrayLike<unknown>;
}

/** Reads the columns of a Parquet file that have these names. Default: all columns. @throws Error for other bytes */
export async function readParquet(bytes: Buffer, requested?: readonly string[]): Promise<FileColumns> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const chunks = new Map<string, Chunk[]>((requested?.filter((name) => names.includes(name)) ?? names).map((name) => [name, []]));
  const onChunk = ({ columnName, ...chunk }: Chunk & { readonly columnName: string }) => void chunks.get(columnName)?.push(chunk);
  await parquetRead({ file, metadata, compressors, columns: [...chunks.keys()], onChunk });
  return { names, columns: new Map([...chunks].map(([name, parts]) => [name, joined(parts)])) };
}

function joined(parts: readonly Chunk[]): ArrayLike<unknown> {
  if (parts.length === 1) return parts[0]!.columnData;
  return [...parts].sort((a, b) => a.rowStart - b.rowStart).flatMap(({ columnData }) => Array.from(columnData));
}
