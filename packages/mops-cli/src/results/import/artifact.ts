import { readFile, stat } from 'node:fs/promises';
import { ModelOpsError, sha256Hex } from '@modelops/contracts';
import { MAX_COLUMNS } from '@modelops/model-host';
import { columnsOfArrow } from '../tree/arrow-table.ts';
import { RESULT } from '../tree/documents.ts';
import type { Columns } from '../tree/join-tables.ts';

/** An output's file, with its size and digest in `result.json`. */
export interface ArtifactRequest {
  readonly file: string;
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  readonly needsColumns?: boolean;
}

export interface Artifact {
  readonly bytes: number;
  /** Names and types of its columns. */
  readonly form: string;
  /** Empty unless they are needed. */
  readonly columns: Columns;
}

/** Largest file of an output, bytes. */
const MAX_BYTES = 2 ** 30;
/** Columns that a pack adds to every output. */
const OWN_COLUMNS = ['param_id', 'seed'];

/** Reads and checks the file of one output. @throws FILE_INVALID with the reason, without the file's name */
export async function readArtifact({ file, size, sha256, needsColumns = false }: ArtifactRequest): Promise<Artifact> {
  const found = (await stat(file)).size;
  if (size !== undefined && size !== found) throw refuse(`has ${found} bytes; ${RESULT} lists ${size}`);
  if (found > MAX_BYTES) throw refuse(`has ${found} bytes; the limit is ${MAX_BYTES}`);
  const bytes = await readFile(file);
  if (sha256 !== undefined && sha256 !== sha256Hex(bytes)) throw refuse(`its digest differs from the one in ${RESULT}`);
  const columns = await columnsOfArrow(bytes);
  if (columns.length > MAX_COLUMNS) throw refuse(`has ${columns.length} columns; the limit is ${MAX_COLUMNS}`);
  const names = new Set<string>();
  for (const { name } of columns) {
    if (OWN_COLUMNS.includes(name)) throw refuse(`column ${name} is reserved`);
    if (names.size === names.add(name).size) throw refuse(`has two columns ${name}`);
  }
  const form = columns.map(({ name, values }) => `${JSON.stringify(name)}:${kindOf(values)}`).join();
  return { bytes: bytes.byteLength, form, columns: needsColumns ? columns : [] };
}

const refuse = (message: string) => new ModelOpsError('FILE_INVALID', message);

function kindOf(values: Columns[number]['values']): string {
  if (ArrayBuffer.isView(values)) return values.constructor.name;
  return (values as readonly unknown[]).some((value) => typeof value === 'boolean') ? 'bool' : 'utf8';
}
