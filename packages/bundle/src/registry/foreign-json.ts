import { ModelOpsError, type ParseContext, parseJson } from '@modelops/contracts';
import type * as z from 'zod';

const MAX_DEPTH = 100;
const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, [0x5b, 0x7b], [0x5d, 0x7d]] as const;

/**
 * Parses JSON bytes from a registry by a schema. Nesting is limited before the parser runs, because it needs 60 times the memory of deeply
 * nested text.
 * @throws the context's code
 */
export function parseForeignJson<S extends z.ZodType>(bytes: Uint8Array, schema: S, context: ParseContext): z.output<S> {
  if (isNestedDeeper(bytes, MAX_DEPTH))
    throw new ModelOpsError(context.code, `invalid ${context.source}: nested more than ${MAX_DEPTH} levels deep`);
  return parseJson(new TextDecoder().decode(bytes), schema, context);
}

function isNestedDeeper(bytes: Uint8Array, limit: number): boolean {
  let [depth, isText] = [0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === OPEN[0] || byte === OPEN[1]) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE[0] || byte === CLOSE[1]) depth--;
  }
  return false;
}
