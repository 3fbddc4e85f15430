import * as z from 'zod';
import { messageOf } from './errors.ts';
import { parseDigest } from './identity/digest.ts';

/** A schema from a parser: an error of the parser becomes a problem of the field. */
export function parsedBy<I, O>(base: z.ZodType<I>, parse: (value: I) => O) {
  return base.transform((value, context): O => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  });
}

/** The same, but the value is the text itself. */
export function checkedBy<I>(base: z.ZodType<I>, parse: (value: I) => unknown) {
  return parsedBy(base, (value) => {
    parse(value);
    return value;
  });
}

export const digestSchema = parsedBy(z.string(), parseDigest);
