/** The `--json` document of a command: its schema's name, then the data's fields. Large bigints are decimal text, as seeds are. */
export function jsonDocument(schema: string, data: object): string {
  return `${JSON.stringify({ schema, ...data }, replaceBigint, 2)}\n`;
}

function replaceBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}
