import * as z from 'zod';
import { messageOf } from './errors.ts';

/** The one way from a parser to a schema: what the parser throws becomes a problem of the field. */
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

/** The same where the text itself is kept, once the parser accepts it. */
export function checkedBy<I>(base: z.ZodType<I>, parse: (value: I) => unknown) {
  return parsedBy(base, (value) => {
    parse(value);
    return value;
  });
}
