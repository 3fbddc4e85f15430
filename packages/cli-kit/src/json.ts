/** Data of a `--json` document. The field `schema` belongs to the document. */
export type JsonData = object & { readonly schema?: never };

/** The `--json` document of a command: its schema's name, then the data's fields. Large integers are decimal text, as seeds are. */
export function jsonDocument<Data extends JsonData>(schema: string, data: Data): string {
  return `${JSON.stringify({ schema, ...data }, replaceBigint, 2)}\n`;
}

function replaceBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}
